package org.cdshooks.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The author's guide shows the example that is compiled and run here, and nothing else. */
class AuthorsGuideTest {
    private static final Path GUIDE = Path.of("..", "docs", "write-a-hook-type.md");
    private static final Path EXAMPLE = Path.of("src", "test", "java", "com", "example", "doorbell");
    private static final Pattern JAVA_BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

    @Test
    void eachJavaBlockOfTheGuideStandsInTheExample() throws IOException {
        List<String> sources = new ArrayList<>();
        try (Stream<Path> files = Files.list(EXAMPLE)) {
            for (Path file : files.toList()) {
                sources.add(Files.readString(file).replaceAll("(?m)^ *// @(start|end) region=.*\n", ""));
            }
        }
        Matcher block = JAVA_BLOCK.matcher(Files.readString(GUIDE));
        int blocks = 0;
        while (block.find()) {
            String code = block.group(1);
            assertThat(sources).as("sources that hold\n" + code).anyMatch(source -> source.contains(code));
            blocks++;
        }
        assertThat(blocks).isEqualTo(3);
    }
}
