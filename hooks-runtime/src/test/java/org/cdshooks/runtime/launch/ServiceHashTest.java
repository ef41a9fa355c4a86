package org.cdshooks.runtime.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ServiceHashTest {
    @TempDir
    Path dir;

    @Test
    void itIsMadeOnceAndKept() throws IOException {
        Path data = dir.resolve("a/data");

        String first = ServiceHash.readOrCreate(data);

        assertThat(first).matches("[0-9a-f]{64}").isEqualTo(ServiceHash.readOrCreate(data));
    }

    @Test
    void onlyTheOwnerCanReadIt() throws IOException {
        Path data = dir.resolve("data");
        ServiceHash.readOrCreate(data);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve("service.hash"))))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data)))
                .isEqualTo("rwx------");
    }

    @Test
    void manyAtOnceAgreeOnOne() throws Exception {
        Path data = dir.resolve("data");
        List<Callable<String>> calls = Stream.generate(() -> (Callable<String>) () -> ServiceHash.readOrCreate(data))
                .limit(16)
                .toList();
        try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
            List<Future<String>> answers = threads.invokeAll(calls);

            assertThat(answers)
                    .extracting(Future::get)
                    .containsOnly(answers.getFirst().get());
        }
        try (Stream<Path> files = Files.list(data)) {
            assertThat(files).extracting(file -> file.getFileName().toString()).containsExactly("service.hash");
        }
    }

    @Test
    void anEmptyFileIsToldByName() throws IOException {
        Files.createFile(dir.resolve("service.hash"));

        assertThatThrownBy(() -> ServiceHash.readOrCreate(dir))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("service.hash");
    }
}
