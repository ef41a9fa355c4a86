package org.cdshooks.plugin.gitpoller;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Security;
import java.security.interfaces.EdECKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.KeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import java.util.Optional;
import org.apache.sshd.common.config.keys.PrivateKeyEntryDecoder;
import org.apache.sshd.common.config.keys.PublicKeyEntryDecoder;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.common.signature.Signature;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.security.AbstractSecurityProviderRegistrar;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.apache.sshd.common.util.security.eddsa.generic.EdDSASupport;
import org.apache.sshd.common.util.security.eddsa.generic.EdDSAUtils;
import org.apache.sshd.common.util.security.eddsa.generic.GenericEd25519PublicKeyDecoder;
import org.apache.sshd.common.util.security.eddsa.generic.GenericOpenSSHEd25519PrivateKeyEntryDecoder;
import org.apache.sshd.common.util.security.eddsa.generic.GenericSignatureEd25519;

/**
 * Ed25519 keys, the usual ones of SSH, with what Java has. The SSH library knows them only with Bouncy Castle, which is
 * larger than all the rest, or with a library that nobody maintains; either would be put into the JVM's list of security
 * providers, where it would stay when the plugin goes. Immutable.
 */
final class JdkEd25519 implements EdDSASupport<EdECPublicKey, EdECPrivateKey> {
    private static final JdkEd25519 INSTANCE = new JdkEd25519();

    private JdkEd25519() {}

    /** Tells the SSH library of it. Is called before anything else is asked of that library; more than once does no harm. */
    static void register() {
        SecurityUtils.registerSecurityProvider(new Registrar());
    }

    /** Names the provider of Java that has it, and which is there already. */
    private static final class Registrar extends AbstractSecurityProviderRegistrar {
        Registrar() {
            super("SunEC");
        }

        @Override
        public Provider getSecurityProvider() {
            return Security.getProvider("SunEC");
        }

        @Override
        public boolean isSupported() {
            return Security.getProvider("SunEC") != null;
        }

        @Override
        public Optional<EdDSASupport<?, ?>> getEdDSASupport() {
            return Optional.of(INSTANCE);
        }
    }

    /** Gives the seed of a key where random bytes are asked for: Java makes a public key only together with a private one. */
    private static final class Seed extends SecureRandom {
        private static final long serialVersionUID = 1;

        private final byte[] seed;

        Seed(byte[] seed) {
            this.seed = seed.clone();
        }

        @Override
        public void nextBytes(byte[] bytes) {
            System.arraycopy(seed, 0, bytes, 0, bytes.length);
        }
    }

    @Override
    public PublicKeyEntryDecoder<EdECPublicKey, EdECPrivateKey> getEDDSAPublicKeyEntryDecoder() {
        return new GenericEd25519PublicKeyDecoder<>(EdECPublicKey.class, EdECPrivateKey.class, this);
    }

    @Override
    public PrivateKeyEntryDecoder<EdECPublicKey, EdECPrivateKey> getOpenSSHEDDSAPrivateKeyEntryDecoder() {
        return new GenericOpenSSHEd25519PrivateKeyEntryDecoder<>(EdECPublicKey.class, EdECPrivateKey.class, this);
    }

    @Override
    public Signature getEDDSASigner() {
        return new GenericSignatureEd25519("Ed25519");
    }

    @Override
    public int getEDDSAKeySize(Key key) {
        return key instanceof EdECKey ? KEY_SIZE : -1;
    }

    @Override
    public Class<EdECPublicKey> getEDDSAPublicKeyType() {
        return EdECPublicKey.class;
    }

    @Override
    public Class<EdECPrivateKey> getEDDSAPrivateKeyType() {
        return EdECPrivateKey.class;
    }

    @Override
    public boolean compareEDDSAPPublicKeys(PublicKey one, PublicKey other) {
        return one instanceof EdECPublicKey && one.equals(other);
    }

    @Override
    public boolean compareEDDSAPrivateKeys(PrivateKey one, PrivateKey other) {
        return one instanceof EdECPrivateKey && one.equals(other);
    }

    @Override
    public EdECPublicKey recoverEDDSAPublicKey(PrivateKey key) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
        generator.initialize(NamedParameterSpec.ED25519, new Seed(EdDSAUtils.getBytes(key)));
        return (EdECPublicKey) generator.generateKeyPair().getPublic();
    }

    @Override
    public EdECPublicKey generateEDDSAPublicKey(byte[] key) throws GeneralSecurityException {
        return (EdECPublicKey) KeyFactory.getInstance("Ed25519").generatePublic(EdDSAUtils.createPublicKeySpec(key));
    }

    @Override
    public EdECPrivateKey generateEDDSAPrivateKey(byte[] seed) throws GeneralSecurityException {
        KeyFactory factory = KeyFactory.getInstance("Ed25519");
        return (EdECPrivateKey) factory.generatePrivate(EdDSAUtils.createPrivateKeySpec(seed));
    }

    @Override
    public <B extends Buffer> B putRawEDDSAPublicKey(B buffer, PublicKey key) {
        buffer.putBytes(getPublicKeyData((EdECPublicKey) key));
        return buffer;
    }

    @Override
    public <B extends Buffer> B putEDDSAKeyPair(B buffer, PublicKey publicKey, PrivateKey privateKey) {
        byte[] seed = getPrivateKeyData((EdECPrivateKey) privateKey);
        byte[] key = getPublicKeyData((EdECPublicKey) publicKey);
        byte[] both = Arrays.copyOf(seed, seed.length + key.length);
        System.arraycopy(key, 0, both, seed.length, key.length);
        buffer.putString(KeyPairProvider.SSH_ED25519);
        buffer.putBytes(key);
        buffer.putBytes(both);
        return buffer;
    }

    @Override
    public KeySpec createPublicKeySpec(EdECPublicKey key) {
        return spec(() -> EdDSAUtils.createPublicKeySpec(EdDSAUtils.getBytes(key)));
    }

    @Override
    public KeySpec createPrivateKeySpec(EdECPrivateKey key) {
        return spec(() -> EdDSAUtils.createPrivateKeySpec(EdDSAUtils.getBytes(key)));
    }

    @Override
    public byte[] getPublicKeyData(EdECPublicKey key) {
        return spec(() -> EdDSAUtils.getBytes(key));
    }

    @Override
    public byte[] getPrivateKeyData(EdECPrivateKey key) {
        return spec(() -> EdDSAUtils.getBytes(key));
    }

    private interface Work<T> {
        T get() throws GeneralSecurityException, IOException;
    }

    private static <T> T spec(Work<T> work) {
        try {
            return work.get();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException("no Ed25519 key", e);
        }
    }

    @Override
    public String getKeyFactoryAlgorithm() {
        return "Ed25519";
    }
}
