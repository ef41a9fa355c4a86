package org.cdshooks.runtime;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * No kind of hook is named in the runtime: what it knows of kinds comes from descriptors. "webhook" and "scheduler" are
 * words of the wire protocol (routes, field names, storage keys), so of those two only the plugins' classes are
 * forbidden.
 */
final class NoTypeNamedTest {
    /** Words that only look like the name of a kind: packages of libraries, the prefix of a token that is to be masked. */
    private static final Pattern NO_NAME = Pattern.compile("com\\.github\\.|github_pat_");

    private static final Pattern NAMED = Pattern.compile("kafka|rabbitmq|amqp|gerrit|github|gitlab|bitbucket|gitea"
            + "|repopoller|git-?poller|(webhook|scheduler)(hooktype|plugin)|org\\.cdshooks\\.plugins?\\b");

    @Test
    void neitherSourcesNorResourcesNameAKindOfHook() throws IOException {
        Path main = Path.of("src", "main");
        List<Path> files;
        try (Stream<Path> all = Files.walk(main)) {
            files = all.filter(Files::isRegularFile).toList();
        }

        assertThat(files).as("files in " + main.toAbsolutePath()).hasSizeGreaterThan(20);
        assertThat(files.stream().flatMap(NoTypeNamedTest::namedIn)).isEmpty();
    }

    @Test
    void thisTestCanFail() {
        assertThat(NAMED.matcher("new kafkaconsumer()").find()).isTrue();
        assertThat(NAMED.matcher("import org.cdshooks.plugin.webhook.x;").find())
                .isTrue();
        assertThat(NAMED.matcher("webhookhooktype").find()).isTrue();
        assertThat(NAMED.matcher("/webhook/{uuid} hooks:scheduler:queue org.cdshooks.runtime.plugin")
                        .find())
                .isFalse();
    }

    private static Stream<String> namedIn(Path file) {
        String text;
        try {
            text = Files.readString(file, ISO_8859_1); // whatever bytes a resource has
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String fileName = String.valueOf(file.getFileName());
        return Stream.concat(Stream.of(fileName), text.lines())
                .filter(line -> NAMED.matcher(
                                NO_NAME.matcher(line.toLowerCase(Locale.ROOT)).replaceAll(""))
                        .find())
                .map(line -> file + ": " + line.strip());
    }
}
