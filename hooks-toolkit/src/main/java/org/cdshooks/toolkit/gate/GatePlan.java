package org.cdshooks.toolkit.gate;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.cdshooks.api.config.ConfigOption;
import org.cdshooks.api.config.ConfigProblem;
import org.cdshooks.api.config.HookConfig;
import org.cdshooks.api.config.Secret;
import org.cdshooks.toolkit.verify.Algorithm;
import org.cdshooks.toolkit.verify.ContentTemplate;
import org.cdshooks.toolkit.verify.Credential;
import org.cdshooks.toolkit.verify.DeliveryName;
import org.cdshooks.toolkit.verify.Encoding;
import org.cdshooks.toolkit.verify.KeyForm;
import org.cdshooks.toolkit.verify.Provider;
import org.cdshooks.toolkit.verify.SignatureFormat;
import org.cdshooks.toolkit.verify.SignatureScheme;
import org.cdshooks.toolkit.verify.TokenScheme;
import org.cdshooks.toolkit.verify.Verifier;

/**
 * What the options of a task come to: who is let in and how, and everything that is wrong with them. In doubt nobody is let
 * in: what is wrong is a problem and never the same as no check.
 */
final class GatePlan {
    /** How many bytes a secret must have: of fewer, who has seen one request may find it by trying. */
    static final int MIN_SECRET = 24;

    private final HookConfig config;
    private final String verify;
    private final List<ConfigProblem> problems = new ArrayList<>();
    private Optional<Verifier> verifier = Optional.empty();
    private DeliveryName delivery = new DeliveryName.Nowhere();
    private Optional<String> tokenHeader = Optional.empty();
    private String words = "";

    private GatePlan(HookConfig config) {
        this.config = config;
        this.verify = config.get(GateOptions.VERIFY);
    }

    static GatePlan of(HookConfig config) {
        GatePlan plan = new GatePlan(config);
        plan.read();
        return plan;
    }

    List<ConfigProblem> problems() {
        return List.copyOf(problems);
    }

    /** Returns what checks senders; empty if the task asks for none. */
    Optional<Verifier> verifier() {
        return verifier;
    }

    DeliveryName delivery() {
        return delivery;
    }

    /** Returns the header of a secret that is sent along, in lower case. */
    Optional<String> tokenHeader() {
        return tokenHeader;
    }

    /** Returns what is checked, in words. */
    String words() {
        return words;
    }

    /** Returns the options of the secrets, in the order in which the verifier has them. */
    List<String> secrets() {
        return config.find(GateOptions.OLD_SECRET).isPresent()
                ? List.of(GateOptions.SECRET.name(), GateOptions.OLD_SECRET.name())
                : List.of(GateOptions.SECRET.name());
    }

    /** Returns when the old secret ends. */
    Optional<Instant> oldEnds() {
        return config.find(GateOptions.OLD_SECRET_UNTIL).flatMap(GateOptions::time);
    }

    boolean isSlack() {
        return verify.equals(Provider.SLACK.label());
    }

    private void read() {
        Optional<Provider> provider = Provider.named(verify);
        if (!verify.equals(GateOptions.CUSTOM)) {
            GateOptions.OF_CUSTOM.forEach(option -> onlyFor(option, "custom"));
            if (!verify.equals(GateOptions.TOKEN)) {
                onlyFor(GateOptions.HEADER, "custom or token");
            }
        }
        if (verify.equals(GateOptions.NONE)) {
            nothingIsChecked();
        } else if (provider.isPresent()) {
            known(provider.get());
        } else if (verify.equals(GateOptions.CUSTOM)) {
            custom();
        } else {
            token();
        }
        config.find(GateOptions.DEDUP_HEADER)
                .filter(name -> !name.isEmpty())
                .ifPresent(name -> delivery = new DeliveryName.Header(List.of(name.toLowerCase(Locale.ROOT))));
    }

    private void onlyFor(ConfigOption<?> option, String wanted) {
        if (config.find(option).isPresent()) {
            problem(option, "counts with verify: " + wanted + " only, and verify is " + verify);
        }
    }

    private void nothingIsChecked() {
        for (ConfigOption<?> option : List.of(
                GateOptions.SECRET, GateOptions.OLD_SECRET, GateOptions.OLD_SECRET_UNTIL, GateOptions.TOLERANCE)) {
            if (config.find(option).isPresent()) {
                problem(
                        option,
                        "is given and verify is none, so nothing would be checked: say with verify who sends, such as "
                                + GateOptions.VERIFY.choices().subList(1, 4));
            }
        }
    }

    private void known(Provider provider) {
        if (config.find(GateOptions.TOLERANCE).isPresent()
                && !provider.signatures().map(SignatureScheme::hasTime).orElse(false)) {
            problem(GateOptions.TOLERANCE, "is of no use: " + verify + " signs no time");
        }
        tokenHeader = provider.token().map(TokenScheme::header);
        delivery = provider.delivery();
        words = verify;
        make(credentials -> provider.verifier(credentials, config.find(GateOptions.TOLERANCE)));
    }

    private void token() {
        boolean basic = verify.equals(GateOptions.BASIC);
        String header = config.find(GateOptions.HEADER).orElse("Authorization");
        TokenScheme.Form form = basic
                ? TokenScheme.Form.BASIC
                : header.equalsIgnoreCase("Authorization") ? TokenScheme.Form.BEARER : TokenScheme.Form.PLAIN;
        if (config.find(GateOptions.TOLERANCE).isPresent()) {
            problem(GateOptions.TOLERANCE, "is of no use: " + verify + " signs no time");
        }
        TokenScheme scheme = new TokenScheme(header, form);
        tokenHeader = Optional.of(scheme.header());
        words = verify + " in " + header;
        make(scheme::verifier);
    }

    private void custom() {
        Optional<String> header = config.find(GateOptions.HEADER);
        if (header.isEmpty()) {
            problem(GateOptions.HEADER, "is required with verify: custom: the header of the signature");
        }
        Optional<ContentTemplate> content = content();
        if (header.isEmpty() || content.isEmpty()) {
            return;
        }
        SignatureScheme scheme;
        try {
            scheme = new SignatureScheme(
                    List.of(new SignatureScheme.Headers(
                            header.get(), config.find(GateOptions.TIME_HEADER), config.find(GateOptions.ID_HEADER))),
                    config.find(GateOptions.FORMAT).flatMap(GateOptions::format).orElse(new SignatureFormat.Plain()),
                    Encoding.valueOf(
                            config.find(GateOptions.ENCODING).orElse("hex").toUpperCase(Locale.ROOT)),
                    algorithm(),
                    keyForm(),
                    content.get(),
                    config.find(GateOptions.TOLERANCE).orElse(SignatureScheme.USUAL_TOLERANCE));
        } catch (IllegalArgumentException e) {
            problem(GateOptions.CONTENT, String.valueOf(e.getMessage()));
            return;
        }
        if (config.find(GateOptions.TOLERANCE).isPresent() && !scheme.hasTime()) {
            problem(GateOptions.TOLERANCE, "is of no use: no time {ts} is signed");
        }
        config.find(GateOptions.ID_HEADER)
                .ifPresent(name -> delivery = new DeliveryName.Header(List.of(name.toLowerCase(Locale.ROOT))));
        words = "a signature in " + header.get();
        make(scheme::verifier);
    }

    private Optional<ContentTemplate> content() {
        try {
            return Optional.of(
                    ContentTemplate.of(config.find(GateOptions.CONTENT).orElse("{body}")));
        } catch (IllegalArgumentException e) {
            problem(GateOptions.CONTENT, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private Algorithm algorithm() {
        return Algorithm.valueOf(config.find(GateOptions.ALGORITHM)
                .orElse("hmac-sha256")
                .toUpperCase(Locale.ROOT)
                .replace('-', '_'));
    }

    private KeyForm keyForm() {
        String key = config.find(GateOptions.KEY).orElse("text");
        String prefix = config.find(GateOptions.KEY_PREFIX).orElse("");
        return switch (key) {
            case "base64" -> new KeyForm.Encoded(prefix, Encoding.BASE64);
            case "hex" -> new KeyForm.Encoded(prefix, Encoding.HEX);
            default -> {
                if (!prefix.isEmpty()) {
                    problem(GateOptions.KEY_PREFIX, "counts with verify.key: base64 or hex only");
                }
                if (algorithm() == Algorithm.ED25519) {
                    problem(GateOptions.KEY, "must be base64 or hex with ed25519: the secret is a public key then");
                }
                yield new KeyForm.Utf8();
            }
        };
    }

    private interface Maker {
        Verifier of(List<Credential> credentials);
    }

    private void make(Maker maker) {
        Optional<Secret> secret = config.find(GateOptions.SECRET);
        if (secret.isEmpty()) {
            problem(GateOptions.SECRET, "is required with verify: " + verify + "; it is what the sender was given");
        }
        Optional<Secret> old = config.find(GateOptions.OLD_SECRET);
        Optional<Instant> until = config.find(GateOptions.OLD_SECRET_UNTIL).flatMap(GateOptions::time);
        if (old.isPresent() && until.isEmpty()) {
            problem(GateOptions.OLD_SECRET_UNTIL, "is required with secret.old: until when the old secret counts");
        }
        if (old.isEmpty() && until.isPresent()) {
            problem(GateOptions.OLD_SECRET, "is required with secret.old.until: the secret that ends then");
        }
        List<Credential> credentials = new ArrayList<>();
        secret.flatMap(value -> credential(GateOptions.SECRET, value, maker)).ifPresent(credentials::add);
        if (until.isPresent()) {
            Instant end = until.get();
            old.flatMap(value -> credential(GateOptions.OLD_SECRET, value, maker))
                    .ifPresent(credential -> credentials.add(credential.until(end)));
        }
        if (problems.isEmpty()) {
            verifier = Optional.of(maker.of(credentials));
        }
    }

    /** Checks a secret on its own, so that a problem names the option whose secret is wrong. */
    private Optional<Credential> credential(ConfigOption<?> option, Secret secret, Maker maker) {
        String text = secret.reveal();
        if (text.isEmpty()) {
            problem(option, "is empty; leave it out or write the secret");
            return Optional.empty();
        }
        String kept = verify.equals(Provider.GITLAB.label()) ? text.replaceAll("[\r\n]", "") : text;
        if (!kept.equals(kept.strip()) || kept.chars().anyMatch(Character::isISOControl)) {
            problem(option, "must not have spaces or line breaks around it or control characters");
            return Optional.empty();
        }
        int length = kept.getBytes(UTF_8).length;
        if (length < MIN_SECRET) {
            problem(
                    option,
                    "has " + length + " bytes; give at least " + MIN_SECRET + ", such as from: openssl rand -hex 32");
            return Optional.empty();
        }
        try {
            Credential credential = Credential.of(text);
            maker.of(List.of(credential)); // throws if it is no key
            return Optional.of(credential);
        } catch (IllegalArgumentException e) {
            problem(option, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private void problem(ConfigOption<?> option, String message) {
        problems.add(new ConfigProblem(option.name(), message));
    }
}
