package org.cdshooks.plugin.gitpoller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.entry;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.cdshooks.api.ExecutionResult;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.api.config.InvalidConfigException;
import org.cdshooks.testbed.Tools;
import org.cdshooks.testkit.HookHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The provider git over SSH: a real server, git's own program behind it, and real pushes. */
class SshRemoteTest {
    private static final String ZEROS = "0".repeat(40);

    @TempDir
    Path dir;

    private SshGitServer git;
    private String key;

    @BeforeEach
    void startServer() throws Exception {
        assumeTrue(Tools.isThereOrInCi(GitServer.isGitThere()), "there is no git on the PATH");
        assumeTrue(
                Tools.isThereOrInCi(Files.isExecutable(Path.of("/usr/bin/ssh-keygen"))),
                "there is no ssh-keygen (Debian: openssh-client)");
        git = new SshGitServer(dir);
        key = git.newKey("deploy", "-t", "ed25519", "-N", "");
        git.allow("deploy");
    }

    @AfterEach
    void stopServer() throws IOException {
        if (git != null) {
            git.close();
        }
        // a client that is closed lets its threads end, and does not wait for them
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!threadsOfClients().isEmpty()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("threads of clients are left: " + threadsOfClients());
            }
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
    }

    private static List<String> threadsOfClients() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.contains("SshClient") || name.contains("JGit"))
                .toList();
    }

    @Test
    void eachPushMakesAnEventWithBeforeAndAfter() throws Exception {
        String first = git.commit("first");
        git.git("push", "-q", "origin", "main");
        try (HookHarness poller = poller(Map.of("events", "branch,tag"))) {
            poller.advanceAndRun(Duration.ofMinutes(1));
            assertThat(poller.events()).as("the first poll only looks").isEmpty();

            String second = git.commit("second");
            git.git("push", "-q", "origin", "main", "main:refs/heads/topic/one");
            git.git("tag", "-a", "-m", "with a message", "v1");
            git.git("push", "-q", "origin", "v1");
            poller.advanceAndRun(Duration.ofMinutes(1));

            assertThat(news(poller))
                    .containsExactly(
                            "branch.updated main " + first + " " + second,
                            "branch.created topic/one " + ZEROS + " " + second,
                            "tag.created v1 " + ZEROS + " " + second);
            assertThat(poller.events().getFirst().values()).contains(entry("git.repository", "team/app"));

            git.git("push", "-q", "origin", ":topic/one");
            poller.advanceAndRun(Duration.ofMinutes(1));

            assertThat(news(poller).subList(3, 4)).containsExactly("branch.deleted topic/one " + second + " " + ZEROS);
            assertThat(git.commands()).hasSize(3).containsOnly("git-upload-pack '/team/app.git'");
        }
    }

    @Test
    void aServerThatKnowsOnlyTheOldProtocolIsRead() throws Exception {
        git.speakOldProtocol();
        String first = git.commit("first");
        git.git("tag", "-a", "-m", "with a message", "v1");
        git.git("push", "-q", "origin", "main", "v1");
        try (HookHarness poller = poller(Map.of("emitInitial", "true"))) {
            poller.advanceAndRun(Duration.ofMinutes(1));

            assertThat(news(poller))
                    .containsExactly(
                            "branch.created main " + ZEROS + " " + first, "tag.created v1 " + ZEROS + " " + first);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ed25519,OpenSSH,",
        "ed25519,OpenSSH,s3cret",
        "ecdsa,OpenSSH,",
        "ecdsa,PEM,",
        "rsa,OpenSSH,s3cret",
        "rsa,PEM,",
        "rsa,PEM,s3cret",
        "rsa,PKCS8,",
    })
    void aKeyOfEachKindIsRead(String type, String form, String passphrase) throws Exception {
        git.commit("first");
        git.git("push", "-q", "origin", "main");
        String word = passphrase == null ? "" : passphrase;
        String text = form.equals("OpenSSH")
                ? git.newKey("other", "-t", type, "-N", word)
                : git.newKey("other", "-t", type, "-N", word, "-m", form);
        git.allow("other");
        try (HookHarness poller = poller(Map.of("privateKey", text, "passphrase", word, "emitInitial", "true"))) {
            poller.advanceAndRun(Duration.ofMinutes(1));

            assertThat(poller.events()).hasSize(1);
        }
    }

    @Test
    void aKeyThatTheServerDoesNotKnowIsToldWithItsPublicPart() throws Exception {
        String other = git.newKey("other", "-t", "ed25519", "-N", "", "-C", "");
        try (HookHarness poller = poller(Map.of("privateKey", other))) {
            poller.advanceAndRun(Duration.ofMinutes(1));

            String publicPart = Files.readString(dir.resolve("other.pub")).strip();
            assertThat(reason(poller))
                    .startsWith(git.url() + " refuses the key of option privateKey (SHA256:")
                    .contains(" for the user git. Give the server its public part as a deploy key (" + publicPart + ")")
                    .doesNotContain("PRIVATE");
        }
    }

    @Test
    void aServerThatIsNotKnownIsNotSpokenToAndToldWithTheLineToAdd() throws Exception {
        Path home = Files.createDirectories(dir.resolve("home/.ssh"));
        Files.writeString(home.resolve("known_hosts"), git.knownHost() + "\n");
        String before = System.setProperty("user.home", dir.resolve("home").toString());
        try (HookHarness poller = poller(Map.of("knownHosts", ""))) {
            poller.advanceAndRun(Duration.ofMinutes(1));

            assertThat(reason(poller))
                    .isEqualTo(git.url() + " shows the host key ssh-ed25519 " + git.fingerprint()
                            + ", and option knownHosts has none for this server. If whoever runs the server names the"
                            + " same fingerprint, add this line to knownHosts: " + git.knownHost());
            assertThat(git.commands()).isEmpty();
        } finally {
            System.setProperty("user.home", before);
        }
    }

    @Test
    void aServerWithAnotherKeyThanBeforeIsNotSpokenTo() throws Exception {
        String oldLine = git.knownHost();
        String oldFingerprint = git.fingerprint();
        git.changeHostKey();
        try (HookHarness poller = poller(Map.of("knownHosts", oldLine))) {
            poller.advanceAndRun(Duration.ofMinutes(1));

            assertThat(reason(poller))
                    .contains(
                            "shows the host key ssh-ed25519 " + git.fingerprint()
                                    + ", but option knownHosts has another for this server: ssh-ed25519 "
                                    + oldFingerprint,
                            "put this line in place of the old one: " + git.knownHost());
            assertThat(git.commands()).isEmpty();
        }
    }

    @Test
    void aKeyOfAServerThatIsRevokedIsNotBelieved() throws Exception {
        try (HookHarness poller =
                poller(Map.of("knownHosts", git.knownHost() + "\n# gone\n@revoked " + git.knownHost()))) {
            poller.advanceAndRun(Duration.ofMinutes(1));

            assertThat(reason(poller)).contains("which option knownHosts has as revoked");
            assertThat(git.commands()).isEmpty();
        }
    }

    @Test
    void aRepositoryThatIsNotThereIsTold() throws Exception {
        try (HookHarness poller = poller(Map.of("url", git.url().replace("app", "none")))) {
            poller.advanceAndRun(Duration.ofMinutes(1));

            assertThat(reason(poller))
                    .startsWith(git.url().replace("app", "none") + " says: fatal: ")
                    .endsWith("See the option url, and whether the key of option privateKey may read it.");
        }
    }

    @Test
    void aServerThatIsAwayIsTriedAgainAndNothingCountsAsDeleted() throws Exception {
        git.commit("first");
        git.git("push", "-q", "origin", "main");
        try (HookHarness poller = poller(Map.of("events", "branch"))) {
            poller.advanceAndRun(Duration.ofMinutes(1));
            git.stop();
            poller.advanceAndRun(Duration.ofMinutes(1));
            assertThat(poller.results()).hasSize(1);
            assertThat(poller.pending()).isEqualTo(1);

            git.restart();
            poller.retry();

            assertThat(poller.results()).hasSize(2);
            assertThat(poller.events()).isEmpty();
        }
    }

    @Test
    void aServerThatAcceptsAndSaysNothingIsLeftInTime() throws Exception {
        try (ServerSocket mute = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            SshAddress address = new SshAddress("git", "127.0.0.1", mute.getLocalPort(), "/r.git");
            SshLogin login = SshLogin.of(config(Map.of("privateKey", key)));
            long start = System.nanoTime();

            Throwable thrown = catchThrowable(() -> new SshRemote(address, login, Duration.ofSeconds(1)).list());

            assertThat(thrown)
                    .isInstanceOf(PollFailure.Away.class)
                    .hasMessage(address + " has not answered within 1 s; is it a server of SSH?");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ssh://git@h.example.org:2222/a/b.git", "ssh://h.example.org:2222/a/b.git/"})
    void anAddressIsReadWithAndWithoutAUser(String text) {
        assertThat(SshAddress.of(text)).contains(new SshAddress("git", "h.example.org", 2222, "/a/b.git"));
    }

    @Test
    void theShortFormIsFromTheHomeOfTheUser() {
        SshAddress address = SshAddress.of("me@h.example.org:a/b's.git").orElseThrow();

        assertThat(address).isEqualTo(new SshAddress("me", "h.example.org", 22, "a/b's.git"));
        assertThat(address.command()).isEqualTo("git-upload-pack 'a/b'\\''s.git'");
        assertThat(address.knownAs()).isEqualTo("h.example.org");
        assertThat(address).hasToString("ssh://me@h.example.org:22/a/b's.git");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ssh://git:pw@h/r", "ssh://git@h", "ssh://-o@h/r", "git@h:-x", "git@h:", "ssh://git@h:0/r",
                "ssh://git@h:99999/r", "git@h:a b", "h:r", "file:///r", "ssh://git@h/r?x", "-o@h:r",
            })
    void whatIsNoAddressIsRefused(String text) {
        assertThat(SshAddress.of(text)).isEmpty();
    }

    @Test
    void whatIsWrongWithTheOptionsIsTold() throws Exception {
        String locked = git.newKey("locked", "-t", "ed25519", "-N", "s3cret");
        assertThat(problem(Map.of("privateKey", "")))
                .startsWith("privateKey is required for an address of SSH; make a");
        assertThat(problem(Map.of("privateKey", "nonsense"))).startsWith("privateKey is no private key that is known");
        assertThat(problem(Map.of("privateKey", Files.readString(dir.resolve("deploy.pub")))))
                .startsWith("privateKey is no private key that is known");
        assertThat(problem(Map.of("privateKey", locked)))
                .isEqualTo("passphrase is required, for privateKey is protected by one");
        assertThat(problem(Map.of("privateKey", locked, "passphrase", "other")))
                .isEqualTo("passphrase does not open privateKey");
        assertThat(problem(Map.of("knownHosts", git.knownHost() + "\nh ssh-ed25519 x")))
                .startsWith("knownHosts line 2 is none of known_hosts");
        assertThat(problem(Map.of("knownHosts", "@cert-authority " + git.knownHost())))
                .startsWith("knownHosts line 1 is none of known_hosts");
        assertThat(problem(Map.of("token", "t"))).isEqualTo("token is not used with SSH, but privateKey");
        assertThat(problem(Map.of("username", "t"))).isEqualTo("username is not used with SSH, but the user in url");
        assertThat(problem(Map.of("provider", "gitea", "repository", "o/r")))
                .isEqualTo("url must be an http or https address for the provider gitea");
        assertThat(problem(Map.of("url", "https://h/r", "knownHosts", "")))
                .isEqualTo("privateKey is for the provider git with an address of SSH in url only");
    }

    private String problem(Map<String, String> more) {
        List<ConfigProblem> problems = catchThrowableOfType(
                        InvalidConfigException.class, () -> poller(more).close())
                .problems();
        return problems.getFirst().option() + " " + problems.getFirst().message();
    }

    private static String reason(HookHarness poller) {
        assertThat(poller.results()).hasSize(1);
        return ((ExecutionResult.Rejected) poller.results().getFirst()).reason();
    }

    private static HookConfig config(Map<String, String> options) {
        return PollerOptions.ALL.parse(options);
    }

    private HookHarness poller(Map<String, String> more) {
        Map<String, String> options = new TreeMap<>(
                Map.of("provider", "git", "url", git.url(), "privateKey", key, "knownHosts", git.knownHost()));
        options.putAll(more);
        return HookHarness.of(new RepoPollerType()).create(options);
    }

    private static List<String> news(HookHarness poller) {
        return poller.events().stream()
                .map(event -> event.values())
                .map(values -> values.get("git.event") + " "
                        + values.getOrDefault("git.tag", values.get("git.branch")) + " "
                        + values.get("git.hash.before") + " " + values.get("git.hash"))
                .toList();
    }
}
