package org.cdshooks.plugin.gitpoller;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.security.PublicKey;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.SshException;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.eclipse.jgit.transport.CredentialsProvider;
import org.eclipse.jgit.transport.URIish;
import org.eclipse.jgit.transport.sshd.ServerKeyDatabase;
import org.eclipse.jgit.transport.sshd.SshdSession;
import org.eclipse.jgit.transport.sshd.SshdSessionFactory;
import org.eclipse.jgit.transport.sshd.SshdSessionFactoryBuilder;
import org.eclipse.jgit.util.FS;
import org.jspecify.annotations.Nullable;

/**
 * Git over SSH, in one connection: JGit makes it, {@link GitProtocol} speaks through it. The key of the server is always
 * checked. The work is done on a thread of its own, which is interrupted when the time is over, for a server that says
 * nothing can be waited for at many places; what it opened is closed when it ends.
 */
final class SshRemote implements GitRemote {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final Duration CONNECTING = Duration.ofSeconds(10);
    private static final int LONGEST_COMPLAINT = 300;

    /** A directory that is not there: whatever might look for files of a user finds none. */
    private static final File NOWHERE = new File("/dev/null/none");

    private final SshAddress address;
    private final SshLogin login;
    private final Duration timeout;
    private final GitProtocol protocol;
    private volatile @Nullable PublicKey refused;

    SshRemote(SshAddress address, SshLogin login) {
        this(address, login, TIMEOUT);
    }

    /**
     * @param timeout how long all of it may take
     */
    SshRemote(SshAddress address, SshLogin login, Duration timeout) {
        this.address = address;
        this.login = login;
        this.timeout = timeout;
        this.protocol = new GitProtocol(address.toString());
    }

    @Override
    public Map<String, String> list() throws PollFailure, InterruptedException {
        FutureTask<Map<String, String>> work = new FutureTask<>(this::ask);
        Thread worker = Thread.ofVirtual().name("git-ssh").start(work);
        try {
            return work.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new PollFailure.Away(
                    address + " has not answered within " + timeout.toSeconds() + " s; is it a server of SSH?", e);
        } catch (ExecutionException e) {
            throw failure(e.getCause() == null ? e : e.getCause());
        } finally {
            work.cancel(true);
            var _ = worker.join(CONNECTING);
        }
    }

    private Map<String, String> ask() throws Exception {
        try (SshdSessionFactory factory = factory()) {
            SshdSession session = factory.getSession(
                    new URIish("ssh://x/")
                            .setUser(address.user())
                            .setHost(address.host())
                            .setPort(address.port()),
                    CredentialsProvider.getDefault(),
                    FS.DETECTED,
                    Math.toIntExact(CONNECTING.toMillis()));
            try {
                Process process = session.exec(
                        address.command(),
                        Map.of("GIT_PROTOCOL", GitProtocol.VERSION_2),
                        Math.toIntExact(CONNECTING.toSeconds()));
                try {
                    return list(process);
                } finally {
                    process.destroy();
                }
            } finally {
                session.disconnect();
            }
        }
    }

    private Map<String, String> list(Process process) throws IOException, PollFailure {
        InputStream in = process.getInputStream();
        OutputStream out = process.getOutputStream();
        byte[] first = protocol.readList(in, Http.MAX_ANSWER);
        if (first.length == 0) {
            throw nothing(process);
        }
        List<String> lines = protocol.lines(first);
        if (GitProtocol.isVersion2(lines)) {
            out.write(GitProtocol.lsRefs(lines));
            out.flush();
            lines = protocol.lines(protocol.readList(in, Http.MAX_ANSWER));
        }
        Map<String, String> refs = protocol.read(lines);
        out.write(GitProtocol.END.getBytes(UTF_8));
        out.flush();
        return refs;
    }

    /** What is to be said of a server that lists nothing and ends: it has put the reason elsewhere. */
    private PollFailure nothing(Process process) throws IOException {
        String complaint = new String(process.getErrorStream().readNBytes(LONGEST_COMPLAINT), UTF_8)
                .replaceAll("[\\p{Cntrl}\\s]+", " ")
                .strip();
        return complaint.isEmpty()
                ? new PollFailure.Away(address + " has ended the connection without a list of branches.")
                : new PollFailure.Refused(address + " says: " + complaint
                        + " See the option url, and whether the key of option privateKey may read it.");
    }

    /** Nothing that JGit finds for itself elsewhere: no config, no keys, no agent, no known hosts. */
    private SshdSessionFactory factory() {
        return new SshdSessionFactoryBuilder()
                .setHomeDirectory(NOWHERE)
                .setSshDirectory(NOWHERE)
                .setConfigStoreFactory((home, file, user) -> null)
                .setConnectorFactory(null)
                .setDefaultIdentities(directory -> List.of())
                .setDefaultKeysProvider(directory -> List.of(login.key()))
                .setDefaultKnownHostsFiles(directory -> List.of())
                .setPreferredAuthentications("publickey")
                .setServerKeyDatabase((home, directory) -> new Known())
                .build(null);
    }

    /** The keys of servers that the task knows. */
    private final class Known implements ServerKeyDatabase {
        @Override
        public List<PublicKey> lookup(String connected, InetSocketAddress remote, Configuration configuration) {
            return login.knownHosts().stream()
                    .filter(host -> !host.isRevoked() && host.isOf(address))
                    .map(SshLogin.KnownHost::key)
                    .toList();
        }

        @Override
        public boolean accept(
                String connected,
                InetSocketAddress remote,
                PublicKey key,
                Configuration configuration,
                @Nullable CredentialsProvider nobody) {
            List<SshLogin.KnownHost> same = login.knownHosts().stream()
                    .filter(host -> host.isOf(address) && host.has(key))
                    .toList();
            boolean isKnown = !same.isEmpty() && same.stream().noneMatch(SshLogin.KnownHost::isRevoked);
            if (!isKnown) {
                refused = key;
            }
            return isKnown;
        }
    }

    private PollFailure failure(Throwable cause) {
        PublicKey key = refused;
        if (key != null) {
            return new PollFailure.Refused(aboutHostKey(key));
        }
        if (cause instanceof PollFailure failure) {
            return failure;
        }
        for (Throwable at = cause; at != null; at = at.getCause()) {
            if (at instanceof SshException ssh
                    && ssh.getDisconnectCode() == SshConstants.SSH2_DISCONNECT_NO_MORE_AUTH_METHODS_AVAILABLE) {
                return new PollFailure.Refused(address + " refuses the key of option privateKey ("
                        + KeyUtils.getFingerPrint(login.key().getPublic()) + ") for the user " + address.user()
                        + ". Give the server its public part as a deploy key ("
                        + PublicKeyEntry.toString(login.key().getPublic())
                        + "), or the option one that the server knows.");
            }
        }
        String message = cause.getMessage();
        return new PollFailure.Away(
                address + " does not answer: "
                        + (message == null ? cause.getClass().getSimpleName() : message),
                cause);
    }

    private String aboutHostKey(PublicKey key) {
        String shown = address + " shows the host key " + KeyUtils.getKeyType(key) + " " + KeyUtils.getFingerPrint(key);
        String line = address.knownAs() + " " + PublicKeyEntry.toString(key);
        List<SshLogin.KnownHost> known =
                login.knownHosts().stream().filter(host -> host.isOf(address)).toList();
        if (known.stream().anyMatch(host -> host.isRevoked() && host.has(key))) {
            return shown + ", which option knownHosts has as revoked. Nothing is sent to whoever has it.";
        }
        if (known.isEmpty()) {
            return shown + ", and option knownHosts has none for this server. If whoever runs the server names the same"
                    + " fingerprint, add this line to knownHosts: " + line;
        }
        return shown + ", but option knownHosts has another for this server: "
                + KeyUtils.getKeyType(known.getFirst().key()) + " "
                + KeyUtils.getFingerPrint(known.getFirst().key())
                + ". Either the server got a new key, or somebody stands in between. Only if whoever runs the server names"
                + " the new fingerprint, put this line in place of the old one: " + line;
    }
}
