package org.cdshooks.runtime.task;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.cdshooks.api.TaskId;

/**
 * Encrypts the secrets of tasks before they are stored: AES-GCM, bound to the task and the option, so that a stored value is
 * worth nothing in another place. A value that is sealed reads {@code enc:v1:<key>:<base64>}, where {@code <key>} tells
 * which key it was, and nothing of it. Values that are not sealed stay readable. Immutable and safe for use by several
 * threads.
 */
public final class Seal {
    /** What a sealed value begins with. */
    public static final String PREFIX = "enc:v1:";

    /** How many bytes a key has. */
    public static final int KEY_BYTES = 32;

    private static final String CIPHER = "AES/GCM/NoPadding";
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int ID_DIGITS = 8;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Map<String, SecretKeySpec> keys;

    private Seal(Map<String, SecretKeySpec> keys) {
        this.keys = keys;
    }

    /**
     * Seals nothing, and so can open nothing.
     *
     * @return a seal without keys
     */
    public static Seal none() {
        return new Seal(Map.of());
    }

    /**
     * Makes a seal.
     *
     * @param keys {@value #KEY_BYTES} bytes each; the first one seals, all of them open
     * @return a seal
     * @throws IllegalArgumentException if a key has another length
     */
    public static Seal of(List<byte[]> keys) {
        Map<String, SecretKeySpec> byId = new LinkedHashMap<>();
        for (byte[] key : keys) {
            if (key.length != KEY_BYTES) {
                throw new IllegalArgumentException("a key has " + KEY_BYTES + " bytes, not " + key.length);
            }
            byId.putIfAbsent(id(key), new SecretKeySpec(key, "AES"));
        }
        return new Seal(byId);
    }

    private static String id(byte[] key) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(key);
            return HexFormat.of().formatHex(digest).substring(0, ID_DIGITS);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /**
     * Tells whether there is a key.
     *
     * @return false if nothing is sealed
     */
    public boolean isClosed() {
        return !keys.isEmpty();
    }

    /**
     * Tells whether a value is sealed, by whatever key.
     *
     * @param value a value of a config
     * @return true if it looks like it
     */
    public static boolean isSealed(String value) {
        return value.startsWith(PREFIX);
    }

    /** Thrown when a value can't be opened. */
    public static final class CanNotOpenException extends Exception {
        private static final long serialVersionUID = 1;

        CanNotOpenException(String message) {
            super(message);
        }
    }

    /**
     * Tells why a value can't be opened here for want of its key. Cheap: the value is not decrypted.
     *
     * @param value a value of a config
     * @return the reason, which goes on after the option's name; empty if the key is there, or none is needed
     */
    public Optional<String> lacking(String value) {
        return isSealed(value) && !keys.containsKey(keyOf(value)) ? Optional.of(noKey(keyOf(value))) : Optional.empty();
    }

    private static String keyOf(String value) {
        int colon = value.indexOf(':', PREFIX.length());
        return colon < 0 ? "" : value.substring(PREFIX.length(), colon);
    }

    private String noKey(String id) {
        return "is stored encrypted with key " + (id.matches("[0-9a-f]{8}") ? id : "?")
                + ", which this node does not have (it has " + (keys.isEmpty() ? "none" : keys.keySet())
                + "): add that key to secrets.key or secrets.keyFile, or write the value anew";
    }

    /**
     * Opens a value.
     *
     * @param task the task that has it
     * @param option its name
     * @param value the value; one that is not sealed is returned as it is
     * @return the value in clear
     * @throws CanNotOpenException if it can't be; the message goes on after the option's name
     */
    public String open(TaskId task, String option, String value) throws CanNotOpenException {
        if (!isSealed(value)) {
            return value;
        }
        String id = keyOf(value);
        SecretKeySpec key = keys.get(id);
        if (key == null) {
            throw new CanNotOpenException(noKey(id));
        }
        try {
            byte[] bytes = Base64.getDecoder().decode(value.substring(PREFIX.length() + id.length() + 1));
            return new String(decrypted(key, task, option, bytes), UTF_8);
        } catch (IllegalArgumentException e) {
            throw damaged();
        }
    }

    private static byte[] decrypted(SecretKeySpec key, TaskId task, String name, byte[] bytes)
            throws CanNotOpenException {
        if (bytes.length < NONCE_BYTES) {
            throw damaged();
        }
        try {
            Cipher cipher = cipher(Cipher.DECRYPT_MODE, key, Arrays.copyOf(bytes, NONCE_BYTES), task, name);
            return cipher.doFinal(bytes, NONCE_BYTES, bytes.length - NONCE_BYTES);
        } catch (AEADBadTagException e) {
            throw damaged();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + CIPHER, e);
        }
    }

    private static CanNotOpenException damaged() {
        return new CanNotOpenException(
                "is stored encrypted and was damaged, or is the value of another task or option: write the value anew");
    }

    /**
     * Seals the secrets of a task with the first key: those in clear, and those that another key has sealed. One that can't
     * be opened stays as it is, so that it is not lost.
     *
     * @param task the task
     * @param secrets the names of the values that are secrets
     * @return the task as it is to be stored; without keys, the task itself
     */
    public TaskRecord seal(TaskRecord task, Set<String> secrets) {
        if (keys.isEmpty()) {
            return task;
        }
        Map<String, ConfigValue> config = new TreeMap<>(task.config());
        for (String name : secrets) {
            config.computeIfPresent(name, (option, value) -> closed(task.id(), option, value));
        }
        return task.withConfig(config);
    }

    private ConfigValue closed(TaskId task, String option, ConfigValue value) {
        String current = keys.keySet().iterator().next();
        if (value.value().startsWith(PREFIX + current + ":")) {
            return value;
        }
        try {
            String clear = open(task, option, value.value());
            return new ConfigValue(close(task, option, clear, current), value.configurable(), value.type());
        } catch (CanNotOpenException e) {
            return value;
        }
    }

    private String close(TaskId task, String option, String clear, String id) {
        return PREFIX + id + ":"
                + Base64.getEncoder().encodeToString(encrypted(task, option, clear.getBytes(UTF_8), id));
    }

    private byte[] encrypted(TaskId task, String name, byte[] clear, String id) {
        byte[] nonce = new byte[NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        try {
            SecretKeySpec key = Optional.ofNullable(keys.get(id)).orElseThrow();
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, key, nonce, task, name).doFinal(clear);
            byte[] both = Arrays.copyOf(nonce, nonce.length + sealed.length);
            System.arraycopy(sealed, 0, both, nonce.length, sealed.length);
            return both;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + CIPHER, e);
        }
    }

    /**
     * Seals bytes with the first key.
     *
     * @param task the task that they are of
     * @param name what they are, within the task
     * @param clear the bytes
     * @return sealed bytes; without keys, the same
     */
    public byte[] seal(TaskId task, String name, byte[] clear) {
        if (keys.isEmpty()) {
            return clear;
        }
        String id = keys.keySet().iterator().next();
        byte[] head = (PREFIX + id + ":").getBytes(UTF_8);
        byte[] sealed = encrypted(task, name, clear, id);
        byte[] both = Arrays.copyOf(head, head.length + sealed.length);
        System.arraycopy(sealed, 0, both, head.length, sealed.length);
        return both;
    }

    /**
     * Opens bytes.
     *
     * @param task the task that they are of
     * @param name what they are, within the task
     * @param stored what {@link #seal(TaskId, String, byte[])} gave
     * @return the bytes in clear
     * @throws CanNotOpenException if they can't be opened; the message goes on after what they are
     */
    public byte[] open(TaskId task, String name, byte[] stored) throws CanNotOpenException {
        int headBytes = PREFIX.length() + ID_DIGITS + 1;
        String head = new String(stored, 0, Math.min(stored.length, headBytes), ISO_8859_1);
        if (!isSealed(head)) {
            return stored;
        }
        SecretKeySpec key = keys.get(keyOf(head));
        if (key == null) {
            throw new CanNotOpenException(noKey(keyOf(head)));
        }
        return decrypted(key, task, name, Arrays.copyOfRange(stored, headBytes, stored.length));
    }

    private static Cipher cipher(int mode, SecretKeySpec key, byte[] nonce, TaskId task, String option)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(CIPHER);
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD((task.value() + '\0' + option).getBytes(UTF_8));
        return cipher;
    }

    /**
     * Opens what can be opened, for another seal.
     *
     * @param task the task as it is stored
     * @param other seals what this one has opened; without keys it stays in clear
     * @return the task as the other one stores it
     */
    public TaskRecord handOver(TaskRecord task, Seal other) {
        Map<String, ConfigValue> config = new TreeMap<>(task.config());
        config.replaceAll((option, value) -> {
            if (!isSealed(value.value())) {
                return value;
            }
            try {
                return new ConfigValue(open(task.id(), option, value.value()), value.configurable(), value.type());
            } catch (CanNotOpenException e) {
                return value;
            }
        });
        Set<String> sealed = new TreeSet<>(task.config().keySet());
        sealed.removeIf(name -> !isSealed(Optional.ofNullable(task.config().get(name))
                .map(ConfigValue::value)
                .orElse("")));
        return other.seal(task.withConfig(config), sealed);
    }

    /** Says which keys there are, and nothing of them. */
    @Override
    public String toString() {
        return "Seal" + keys.keySet();
    }
}
