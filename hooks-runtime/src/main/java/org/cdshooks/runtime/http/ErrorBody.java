package org.cdshooks.runtime.http;

import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.cdshooks.api.config.ConfigProblem;

/** The one form of all errors: {@code {"id","message","uuid"}} as CDS has it, then {@code "status"} and {@code "problems"}. */
final class ErrorBody {
    private static final int MAX_DETAIL = 4_000;

    private ErrorBody() {}

    /**
     * Renders an error.
     *
     * @param status the status
     * @param detail what is wrong, in words; empty if the fixed text of the status says it all
     * @param problems what is wrong with single options; may be empty
     * @param languages the header {@code Accept-Language}; empty if there is none
     * @param uuid what the log knows this error by
     */
    static byte[] render(int status, String detail, List<ConfigProblem> problems, String languages, UUID uuid) {
        String fixed = fixedText(status, isFrench(languages));
        return GoJson.bytes(json -> {
            json.writeStartObject();
            json.writeNumberField("id", id(status));
            json.writeStringField("message", detail.isEmpty() ? fixed : fixed + ": " + shown(detail));
            json.writeStringField("uuid", uuid.toString());
            json.writeNumberField("status", status);
            if (!problems.isEmpty()) {
                json.writeArrayFieldStart("problems");
                for (ConfigProblem problem : problems) {
                    json.writeStartObject();
                    json.writeStringField("option", shown(problem.option()));
                    json.writeStringField("message", shown(problem.message()));
                    json.writeEndObject();
                }
                json.writeEndArray();
            }
            json.writeEndObject();
        });
    }

    private static String shown(String text) {
        return GoJson.text(text.length() <= MAX_DETAIL ? text : text.substring(0, MAX_DETAIL) + "…");
    }

    private static int id(int status) {
        return switch (status) {
            case 401 -> 10;
            case 404 -> 38;
            case 405 -> 105;
            default -> status < 500 ? 74 : 1;
        };
    }

    private static String fixedText(int status, boolean french) {
        return switch (status) {
            case 400 -> french ? "la requête est incorrecte" : "wrong request";
            case 401 -> french ? "authentification invalide" : "not authenticated";
            case 403 -> "forbidden";
            case 404 -> french ? "la ressource n'existe pas" : "resource not found";
            case 405 -> french ? "La méthode n'est pas autorisée" : "Method not allowed";
            case 408 -> "request timeout";
            case 409 -> "conflict";
            case 413 -> "body too large";
            case 414 -> "request line too long";
            case 415 -> "unsupported media type";
            case 429 -> "too many requests";
            case 431 -> "headers too large";
            case 500 -> french ? "erreur interne" : "internal server error";
            case 501 -> "method not implemented";
            case 503 -> "service unavailable";
            case 505 -> "HTTP version not supported";
            case 507 -> "no room left in the store";
            default -> status < 500 ? "request refused" : "internal server error";
        };
    }

    private static boolean isFrench(String languages) {
        if (languages.isEmpty() || languages.length() > 1_000) {
            return false;
        }
        try {
            return Locale.FRENCH
                    .getLanguage()
                    .equals(Locale.lookupTag(Locale.LanguageRange.parse(languages), List.of("en", "fr")));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
