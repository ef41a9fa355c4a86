package org.cdshooks.plugin.gitpoller;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.sshd.common.config.keys.AuthorizedKeyEntry;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.PublicKeyEntryResolver;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.shell.InvertedShellWrapper;
import org.apache.sshd.server.shell.ProcessShell;

/** A real SSH server that runs git's own {@code git-upload-pack}, and a clone of its repository to push from. */
final class SshGitServer implements AutoCloseable {
    private final Path dir;
    private final Path root;
    private final Path clone;
    private final Set<PublicKey> allowed = ConcurrentHashMap.newKeySet();
    private final List<String> commands = new CopyOnWriteArrayList<>();
    private volatile boolean speaksVersion2 = true;
    private SshServer server;
    private KeyPair hostKey;

    SshGitServer(Path dir) throws Exception {
        JdkEd25519.register();
        this.dir = dir;
        root = Files.createDirectory(dir.resolve("root"));
        clone = dir.resolve("clone");
        run(dir, "git", "init", "-q", "--bare", root.resolve("team/app.git").toString());
        run(dir, "git", "clone", "-q", root.resolve("team/app.git").toString(), clone.toString());
        git("checkout", "-q", "-b", "main");
        hostKey = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        start(0);
    }

    private void start(int port) throws IOException {
        server = SshServer.setUpDefaultServer();
        server.setHost("127.0.0.1");
        server.setPort(port);
        server.setKeyPairProvider(KeyPairProvider.wrap(hostKey));
        server.setPublickeyAuthenticator(
                (user, key, session) -> user.equals("git") && KeyUtils.findMatchingKey(key, allowed) != null);
        server.setCommandFactory((channel, command) -> {
            commands.add(command);
            String script = "cd '" + root + "' && " + command.replace("'/", "'./");
            return new InvertedShellWrapper(new ProcessShell(List.of("sh", "-c", script)) {
                @Override
                public void start(
                        org.apache.sshd.server.channel.ChannelSession session, org.apache.sshd.server.Environment env)
                        throws IOException {
                    if (!speaksVersion2) {
                        env.getEnv().remove("GIT_PROTOCOL");
                    }
                    super.start(session, env);
                }
            });
        });
        server.start();
    }

    int port() {
        return server.getPort();
    }

    String url() {
        return "ssh://git@127.0.0.1:" + port() + "/team/app.git";
    }

    /** The line of {@code known_hosts} that is right. */
    String knownHost() {
        return "[127.0.0.1]:" + port() + " " + PublicKeyEntry.toString(hostKey.getPublic());
    }

    String fingerprint() {
        return KeyUtils.getFingerPrint(hostKey.getPublic());
    }

    /** As a server that was set up anew. */
    void changeHostKey() throws Exception {
        int port = port();
        stop();
        hostKey = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        start(port);
    }

    void restart() throws IOException {
        start(server.getPort());
    }

    void stop() throws IOException {
        int port = port();
        server.stop(true);
        server.setPort(port);
    }

    void speakOldProtocol() {
        speaksVersion2 = false;
    }

    /** What was to be run. */
    List<String> commands() {
        return commands;
    }

    /** Makes a key with ssh-keygen and returns the text of its file. */
    String newKey(String name, String... options) throws Exception {
        List<String> command = new ArrayList<>(
                List.of("ssh-keygen", "-q", "-f", dir.resolve(name).toString()));
        command.addAll(List.of(options));
        run(dir, command.toArray(new String[0]));
        return Files.readString(dir.resolve(name));
    }

    /** Lets a key in that {@link #newKey} made. */
    void allow(String name) throws Exception {
        AuthorizedKeyEntry entry = AuthorizedKeyEntry.parseAuthorizedKeyEntry(
                Files.readString(dir.resolve(name + ".pub")).strip());
        allowed.add(entry.resolvePublicKey(null, PublicKeyEntryResolver.FAILING));
    }

    String commit(String message) throws Exception {
        git("commit", "-q", "--allow-empty", "-m", message);
        return git("rev-parse", "HEAD");
    }

    String git(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"));
        command.addAll(List.of(arguments));
        return run(clone, command.toArray(new String[0]));
    }

    private static String run(Path dir, String... command) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(dir.toFile()).redirectErrorStream(true);
        builder.environment().put("GIT_CONFIG_GLOBAL", "/dev/null");
        builder.environment().put("GIT_CONFIG_NOSYSTEM", "1");
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue())
                .as(String.join(" ", command) + ": " + output)
                .isZero();
        return output.strip();
    }

    @Override
    public void close() throws IOException {
        server.stop(true);
    }
}
