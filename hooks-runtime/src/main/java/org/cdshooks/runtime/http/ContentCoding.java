package org.cdshooks.runtime.http;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;

/** How the body of an answer may be packed. */
enum ContentCoding {
    IDENTITY,
    GZIP,
    DEFLATE;

    /** Says it to the client; not for {@link #IDENTITY}. */
    Header header() {
        return HeaderValues.create(HeaderNames.CONTENT_ENCODING, name().toLowerCase(Locale.ROOT));
    }

    /**
     * Finds what a client wants.
     *
     * @param accepted the values of {@code Accept-Encoding}
     * @return the coding with the greatest weight, of two gzip; none if the client names none of ours
     */
    static ContentCoding wanted(List<String> accepted) {
        double gzip = 0;
        double deflate = 0;
        for (String codings : accepted) {
            for (String coding : codings.split(",")) {
                String[] parts = coding.trim().split("\\s*;\\s*");
                double weight = parts.length == 1 ? 1 : weight(parts[1]);
                switch (parts[0].toLowerCase(Locale.ROOT)) {
                    case "gzip", "x-gzip" -> gzip = weight;
                    case "deflate" -> deflate = weight;
                    default -> {} // nobody needs what we don't have
                }
            }
        }
        return gzip == 0 && deflate == 0 ? IDENTITY : gzip >= deflate ? GZIP : DEFLATE;
    }

    /** What can't be read is no wish. */
    private static double weight(String parameter) {
        return parameter.matches("[qQ]=(0(\\.[0-9]{0,3})?|1(\\.0{0,3})?)")
                ? Double.parseDouble(parameter.substring(2))
                : 0;
    }

    OutputStream encoding(OutputStream out) throws IOException {
        return switch (this) {
            case IDENTITY -> out;
            case GZIP -> new GZIPOutputStream(out);
            case DEFLATE -> new DeflaterOutputStream(out);
        };
    }

    byte[] encoded(byte[] body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(64 + body.length / 3);
        try (OutputStream packing = encoding(out)) {
            packing.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException("memory can't fail", e);
        }
        return out.toByteArray();
    }
}
