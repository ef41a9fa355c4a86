package org.cdshooks.runtime.store.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisURI;
import java.util.Optional;
import org.cdshooks.runtime.store.redis.RedisAddress.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedisAddressTest {
    private static RedisAddress read(String url) {
        return RedisAddress.of(RedisOptions.of(url));
    }

    private static RedisCredentials login(RedisURI uri) {
        return uri.getCredentialsProvider().resolveCredentials().block();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "redis://h:1 h 1 0 false",
                "redis://h h 6379 0 false",
                "redis://h/ h 6379 0 false",
                "redis://h:1/7 h 1 7 false",
                "REDISS://h:1/7 h 1 7 true",
                "redis://[::1]:7 ::1 7 0 false",
                "h:1 h 1 0 false",
                "127.0.0.1 127.0.0.1 6379 0 false",
            })
    void oneRedis(String url, String host, int port, int database, boolean tls) {
        RedisAddress address = read(url);

        assertThat(address.kind()).isEqualTo(Kind.STANDALONE);
        RedisURI uri = address.uris().getFirst();
        assertThat(uri.getHost().replaceAll("[\\[\\]]", "")).isEqualTo(host);
        assertThat(uri.getPort()).isEqualTo(port);
        assertThat(uri.getDatabase()).isEqualTo(database);
        assertThat(uri.isSsl()).isEqualTo(tls);
        assertThat(uri.isVerifyPeer()).as("the host is checked").isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"hooks@s1:26380,s2,s3:26382", "redis-sentinel://s1:26380,s2,s3:26382#hooks"})
    void sentinelAsCdsWritesItAndAsAUrl(String url) {
        RedisAddress address = read(url);

        assertThat(address.kind()).isEqualTo(Kind.SENTINEL);
        RedisURI uri = address.uris().getFirst();
        assertThat(uri.getSentinelMasterId()).isEqualTo("hooks");
        assertThat(uri.getSentinels().stream().map(s -> s.getHost() + ":" + s.getPort()))
                .containsExactly("s1:26380", "s2:26379", "s3:26382");
        assertThat(address.words()).isEqualTo("'hooks' behind Sentinel s1:26380,s2:26379,s3:26382");
    }

    @Test
    void aClusterHasManyNodes() {
        RedisAddress address = read("rediss-cluster://a:1,b:2");

        assertThat(address.kind()).isEqualTo(Kind.CLUSTER);
        assertThat(address.uris()).hasSize(2).allMatch(RedisURI::isSsl);
    }

    @Test
    void aLoginMayStandInTheUrlOrBesideIt() {
        RedisURI inUrl = read("redis://user:p%40ss%2Bw+d@h").uris().getFirst();
        assertThat(login(inUrl).getUsername()).isEqualTo("user");
        assertThat(new String(login(inUrl).getPassword())).isEqualTo("p@ss+w+d");

        RedisURI beside = RedisAddress.of(new RedisOptions(
                        "redis://h",
                        Optional.of("me"),
                        Optional.of("secret"),
                        Optional.empty(),
                        "hooks",
                        0,
                        java.time.Duration.ofMillis(1)))
                .uris()
                .getFirst();
        assertThat(login(beside).getUsername()).isEqualTo("me");
        assertThat(new String(login(beside).getPassword())).isEqualTo("secret");

        assertThat(new String(login(read("redis://:only@h").uris().getFirst()).getPassword()))
                .isEqualTo("only");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "~~|is needed",
                "http://h|'http://' is not known: it is redis://host:port",
                "redis://h:x|'h:x', which is no host:port",
                "redis://h:99999|'h:99999', which is no host:port",
                "redis://|'', which is no host:port",
                "redis://a,b|has several hosts",
                "redis-sentinel://a|names no master",
                "redis://h/x|the database 'x', which must be a number",
                "redis-cluster://h/2|a Cluster has only database 0",
                "redis://user@h|has a user and no password",
            })
    void whatCantBeReadIsSaid(String url, String words) {
        assertThatIllegalArgumentException().isThrownBy(() -> read(url)).withMessageContaining(words);
    }

    @Test
    void secretsAreShownNowhere() {
        String url = "redis://user:secret@h:1/2";

        assertThat(RedisAddress.withoutSecrets(url)).isEqualTo("redis://**********@h:1/2");
        assertThat(read(url).words()).isEqualTo("h:1");
        assertThat(RedisOptions.of(url).toString()).doesNotContain("secret");
        assertThat(RedisAddress.withoutSecrets("master@s1:1")).isEqualTo("master@s1:1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read("redis://user:secret@h:x"))
                .withMessageNotContaining("secret");
    }

    @Test
    void onAClusterAllKeysMustShareASlot() {
        RedisOptions cluster = RedisOptions.of("redis-cluster://h");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> RedisStores.checkAddress(cluster))
                .withMessageContaining("set store.redis.prefix to {hooks}");
        RedisStores.checkAddress(cluster.prefix("{hooks}"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RedisStores.checkPrefix(cluster.prefix("a'b")))
                .withMessageContaining("not 'a'b'");
    }
}
