package org.cdshooks.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Each defect of CDS is in the table of {@code docs/cds-differences.md}, and its tests are there and name it. */
final class DefectsTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern ROW = Pattern.compile("\\| `([ABD]\\d+)` \\| .* \\| (.*) \\|");
    private static final Pattern TEST = Pattern.compile("`(\\w+)\\.(\\w+)`");

    private static List<Matcher> rows() throws IOException {
        List<Matcher> rows = new ArrayList<>();
        for (String line : Files.readAllLines(ROOT.resolve("docs/cds-differences.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                rows.add(row);
            }
        }
        return rows;
    }

    @Test
    void allDefectsAreThere() throws IOException {
        List<String> all = Stream.of(numbered("A", 17), numbered("B", 15), numbered("D", 12))
                .flatMap(List::stream)
                .toList();
        assertThat(rows()).extracting(row -> row.group(1)).containsExactlyElementsOf(all);
        assertThat(rows()).allSatisfy(row -> assertThat(row.group(2)).isNotBlank());
    }

    private static List<String> numbered(String letter, int last) {
        return IntStream.rangeClosed(1, last)
                .mapToObj(number -> letter + number)
                .toList();
    }

    @TestFactory
    Stream<DynamicTest> itsTestsNameTheDefect() throws IOException {
        return rows().stream()
                .flatMap(row -> TEST.matcher(row.group(2))
                        .results()
                        .map(test -> DynamicTest.dynamicTest(
                                row.group(1) + " " + test.group(),
                                () -> assertThat(above(test.group(1), test.group(2)))
                                        .containsPattern("\\b" + row.group(1) + "\\b.* of CDS"))));
    }

    /** What stands above a test, back to the last empty line. */
    private static String above(String type, String method) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.find(
                ROOT,
                12,
                (path, attributes) -> attributes.isRegularFile()
                        && path.endsWith(type + ".java")
                        && path.toString().contains("src/test/"))) {
            files = all.toList();
        }
        assertThat(files).as(type).hasSize(1);
        String source = Files.readString(files.getFirst());
        int at = source.indexOf("void " + method + "(");
        assertThat(at).as(type + "." + method).isPositive();
        return source.substring(source.lastIndexOf("\n\n", at), at);
    }
}
