package org.cdshooks.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class TestCallTest {

    @Test
    void theTargetIsSplitIntoPathAndQuery() {
        assertThat(TestCall.of("get", "/a/b?c=d?e").path()).isEqualTo("/a/b");
        assertThat(TestCall.of("get", "/a/b?c=d?e").query()).isEqualTo("c=d?e");
        assertThat(TestCall.of("get", "?c").path()).isEmpty();
        assertThat(TestCall.of("get", "").query()).isEmpty();
        assertThat(TestCall.of("get", "").method()).isEqualTo("GET");
        assertThatIllegalArgumentException().isThrownBy(() -> TestCall.of("GET", "a"));
    }

    @Test
    void headersAreKeptInOrderUnderLowerCaseNames() {
        TestCall call = TestCall.of("GET", "").header("X-A", "1").header("x-a", "2");

        assertThat(call.headers()).containsEntry("x-a", List.of("1", "2"));
        assertThat(call.header("X-a")).contains("1, 2");
        assertThat(TestCall.of("GET", "").headers()).isEmpty();
    }

    @Test
    void theBodyIsCopied() {
        byte[] bytes = {1, 2};
        TestCall call = TestCall.of("GET", "").body(bytes);
        bytes[0] = 9;
        call.body()[1] = 9;

        assertThat(call.body()).containsExactly(1, 2);
    }
}
