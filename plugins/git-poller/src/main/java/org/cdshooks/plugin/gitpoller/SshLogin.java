package org.cdshooks.plugin.gitpoller;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.sshd.client.config.hosts.KnownHostEntry;
import org.apache.sshd.common.NamedResource;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntryResolver;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.HookConfig;

/**
 * The key that a task logs in with, and the keys of servers that it believes. Both come from the task alone: no file of
 * whoever runs the service is read. Immutable.
 *
 * @param key the key to log in with
 * @param knownHosts the lines of {@code knownHosts}
 */
record SshLogin(KeyPair key, List<KnownHost> knownHosts) {
    static {
        JdkEd25519.register();
    }

    /**
     * A line of {@code known_hosts}.
     *
     * @param entry for which servers it is
     * @param key their key
     * @param isRevoked whether the key is not to be believed, whatever other lines say
     */
    record KnownHost(KnownHostEntry entry, PublicKey key, boolean isRevoked) {
        boolean isOf(SshAddress address) {
            return entry.isHostMatch(address.host(), address.port());
        }

        boolean has(PublicKey other) {
            return KeyUtils.compareKeys(key, other);
        }
    }

    /** What a config has, or what is wrong with it. */
    private static final class Wrong extends Exception {
        private static final long serialVersionUID = 1;

        private final transient ConfigProblem problem;

        Wrong(String option, String message) {
            super(message);
            this.problem = new ConfigProblem(option, message);
        }
    }

    /** Returns what is wrong with the options for SSH. */
    static Optional<ConfigProblem> problem(HookConfig config) {
        try {
            var _ = read(config);
            return Optional.empty();
        } catch (Wrong e) {
            return Optional.of(e.problem);
        }
    }

    /**
     * Reads it from a config.
     *
     * @throws PollFailure.Refused if it can't be read, which is not so if it was checked
     */
    static SshLogin of(HookConfig config) throws PollFailure.Refused {
        try {
            return read(config);
        } catch (Wrong e) {
            throw new PollFailure.Refused("option " + e.problem.option() + ": " + e.problem.message());
        }
    }

    private static SshLogin read(HookConfig config) throws Wrong {
        Optional<String> text = PollerOptions.revealed(config, PollerOptions.PRIVATE_KEY);
        if (text.isEmpty()) {
            throw new Wrong(
                    PollerOptions.PRIVATE_KEY.name(),
                    "is required for an address of SSH; make a key with ssh-keygen -t ed25519, give the public part to"
                            + " the server as a deploy key, and the text of the other file here");
        }
        KeyPair key = key(text.get(), PollerOptions.revealed(config, PollerOptions.PASSPHRASE));
        return new SshLogin(
                key,
                knownHosts(
                        PollerOptions.written(config, PollerOptions.KNOWN_HOSTS).orElse("")));
    }

    private static KeyPair key(String text, Optional<String> passphrase) throws Wrong {
        AtomicBoolean isEncrypted = new AtomicBoolean();
        try {
            Iterable<KeyPair> pairs = SecurityUtils.loadKeyPairIdentities(
                    null,
                    NamedResource.ofName("privateKey"),
                    new ByteArrayInputStream((text + "\n").getBytes(UTF_8)),
                    (session, resource, retry) -> {
                        isEncrypted.set(true);
                        return passphrase.orElse("");
                    });
            if (pairs != null && pairs.iterator().hasNext()) {
                return pairs.iterator().next();
            }
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            if (isEncrypted.get() && passphrase.isEmpty()) {
                throw new Wrong(PollerOptions.PASSPHRASE.name(), "is required, for privateKey is protected by one");
            }
            if (isEncrypted.get()) {
                throw new Wrong(PollerOptions.PASSPHRASE.name(), "does not open privateKey");
            }
        }
        throw new Wrong(
                PollerOptions.PRIVATE_KEY.name(),
                text.contains("BEGIN ENCRYPTED PRIVATE KEY")
                        ? "is encrypted in a form that is not known; ssh-keygen -p -f <file> writes it in that of OpenSSH"
                        : "is no private key that is known; it is the whole text of a file of ssh-keygen, of type ed25519,"
                                + " ecdsa or rsa, which begins with -----BEGIN … PRIVATE KEY-----");
    }

    private static List<KnownHost> knownHosts(String text) throws Wrong {
        List<KnownHost> hosts = new ArrayList<>();
        int number = 0;
        for (String line : text.lines().map(String::strip).toList()) {
            number++;
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            Optional<KnownHost> host = knownHost(line);
            if (host.isEmpty()) {
                throw new Wrong(
                        PollerOptions.KNOWN_HOSTS.name(),
                        "line " + number + " is none of known_hosts, such as ssh-keyscan prints them:"
                                + " host ssh-ed25519 AAAA…");
            }
            hosts.add(host.get());
        }
        return List.copyOf(hosts);
    }

    private static Optional<KnownHost> knownHost(String line) {
        try {
            KnownHostEntry entry = KnownHostEntry.parseKnownHostEntry(line);
            if (entry == null || entry.getKeyEntry() == null) {
                return Optional.empty();
            }
            String marker = entry.getMarker();
            if (marker != null && !marker.equals("revoked")) {
                return Optional.empty(); // certificates of hosts are not checked, so their authority would be of no use
            }
            PublicKey key = entry.getKeyEntry().resolvePublicKey(null, Map.of(), PublicKeyEntryResolver.FAILING);
            return Optional.ofNullable(key).map(known -> new KnownHost(entry, known, marker != null));
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            return Optional.empty();
        }
    }
}
