package org.cdshooks.runtime.launch;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.InvalidConfigException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Turns the configuration of CDS's own hooks service into ours. */
@Command(
        name = "convert",
        description = {
            "Prints the section [hooks] of a CDS configuration as hooks.yaml.",
            "Secrets are printed as they are: send the output to a file that only the service may read."
        })
final class ConvertCommand implements Callable<Integer> {
    private static final String SECTION = "hooks";

    @Parameters(paramLabel = "FILE.toml", description = "The configuration of CDS.")
    Path file = Path.of("");

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Prints this.")
    boolean help;

    @Override
    public Integer call() {
        Converted converted = convert(read(file));
        System.out.print(converted.yaml(file.getFileName().toString()));
        converted.leftOut().forEach((key, why) -> System.err.println("hooks: " + key + " " + why));
        return ExitCode.OK.code();
    }

    /**
     * What came of it.
     *
     * @param values our keys and their values, in CDS's order
     * @param leftOut keys of CDS that mean nothing here, and why
     */
    record Converted(Map<String, String> values, Map<String, String> leftOut) {
        String yaml(String name) {
            StringBuilder text = new StringBuilder("# Made of the section [hooks] of ")
                    .append(name)
                    .append("; docs/cds.md tells how to go on.\n");
            values.forEach((key, value) ->
                    text.append(key).append(": ").append(quoted(value)).append('\n'));
            leftOut.forEach((key, why) ->
                    text.append("# ").append(key).append(' ').append(why).append('\n'));
            return text.toString();
        }

        /** As a JSON string, which YAML understands, unless it is a number or a truth. */
        private static String quoted(String value) {
            return value.matches("\\d{1,18}|true|false")
                    ? value
                    : com.fasterxml.jackson.databind.node.TextNode.valueOf(value)
                            .toString();
        }
    }

    private static JsonNode read(Path file) {
        JsonNode root;
        try {
            root = new TomlMapper().readTree(Files.readString(file));
        } catch (JacksonException e) {
            throw problem(file + " is no TOML that can be read: " + e.getOriginalMessage() + " (line "
                    + e.getLocation().getLineNr() + ")");
        } catch (IOException e) {
            throw problem(file + " can't be read: " + e.getMessage());
        }
        JsonNode section = root.get(SECTION);
        if (section == null || !section.isObject()) {
            throw problem(file + " has no section [" + SECTION + "]");
        }
        return section;
    }

    /** Converts what the section {@code [hooks]} holds. */
    static Converted convert(JsonNode section) {
        Map<String, String> given = new LinkedHashMap<>();
        flatten("", section, given);
        Map<String, String> values = new LinkedHashMap<>();
        Map<String, String> leftOut = new LinkedHashMap<>();
        for (Map.Entry<String, CdsKeys.Meaning> known : CdsKeys.all().entrySet()) {
            Optional<String> key = given.keySet().stream()
                    .filter(known.getKey()::equalsIgnoreCase)
                    .findFirst();
            String value = key.map(given::remove).orElse("");
            if (value.isEmpty()) { // CDS writes keys without a value for what has none
                continue;
            }
            switch (known.getValue()) {
                case CdsKeys.Meaning.Nothing nothing -> {
                    if (nothing.isAskedFor(value)) {
                        leftOut.put(key.orElseThrow(), nothing.why());
                    }
                }
                case CdsKeys.Meaning.Ours(String ours) -> {
                    if (ours.equals(Settings.REDIS_URL.name())) {
                        values.put(Settings.STORE_TYPE.name(), "redis");
                    }
                    values.put(ours, value);
                }
            }
        }
        values.putIfAbsent(Settings.HTTP_HOST.name(), "0.0.0.0"); // what CDS does if it says nothing; we are careful
        given.keySet().forEach(key -> leftOut.put(key, "is no key that this service knows"));
        return new Converted(values, leftOut);
    }

    private static void flatten(String prefix, JsonNode node, Map<String, String> into) {
        node.properties().forEach(field -> {
            if (field.getValue().isObject()) {
                flatten(prefix + field.getKey() + ".", field.getValue(), into);
            } else {
                into.put(prefix + field.getKey(), field.getValue().asText());
            }
        });
    }

    private static InvalidConfigException problem(String message) {
        return new InvalidConfigException(List.of(new ConfigProblem("FILE.toml", message)));
    }
}
