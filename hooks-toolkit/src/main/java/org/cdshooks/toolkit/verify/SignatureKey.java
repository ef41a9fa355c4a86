package org.cdshooks.toolkit.verify;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A key that is ready for use. */
sealed interface SignatureKey {
    /** What comes before the 32 bytes of a public key in the form that Java reads: it says that they are for ed25519. */
    byte[] ED25519_HEADER = HexFormat.of().parseHex("302a300506032b6570032100");

    Algorithm algorithm();

    /** Tells whether one of some signatures is right for the parts of a content. All of them are tried, always. */
    boolean signs(List<byte[]> parts, List<byte[]> signatures, Work work);

    /**
     * Makes a key.
     *
     * @throws IllegalArgumentException if the bytes are none; the message goes on after the option's name
     */
    static SignatureKey of(Algorithm algorithm, byte[] bytes) {
        if (bytes.length == 0) {
            throw new IllegalArgumentException("is empty");
        }
        return algorithm == Algorithm.ED25519 ? new Ed25519(publicKey(bytes)) : Hmac.of(algorithm, bytes);
    }

    private static PublicKey publicKey(byte[] bytes) {
        if (bytes.length != 32) {
            throw new IllegalArgumentException("has " + bytes.length + " bytes; a public key for ed25519 has 32");
        }
        byte[] encoded = new byte[ED25519_HEADER.length + bytes.length];
        System.arraycopy(ED25519_HEADER, 0, encoded, 0, ED25519_HEADER.length);
        System.arraycopy(bytes, 0, encoded, ED25519_HEADER.length, bytes.length);
        try {
            return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("is no public key for ed25519", e);
        }
    }

    /**
     * A key that both sides have.
     *
     * @param ready has the key and has seen nothing else; copied for each use, which is half the work of making one anew
     */
    record Hmac(Algorithm algorithm, Mac ready) implements SignatureKey {
        static Hmac of(Algorithm algorithm, byte[] key) {
            try {
                Mac ready = Mac.getInstance(algorithm.nameInJava());
                ready.init(new SecretKeySpec(key, algorithm.nameInJava()));
                return new Hmac(algorithm, ready);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("every Java has " + algorithm.nameInJava(), e);
            }
        }

        @Override
        public boolean signs(List<byte[]> parts, List<byte[]> signatures, Work work) {
            byte[] expected = code(parts, work);
            boolean found = false;
            for (byte[] signature : signatures) {
                work.compared(expected, signature);
                found |= MessageDigest.isEqual(expected, signature);
            }
            return found;
        }

        private byte[] code(List<byte[]> parts, Work work) {
            try {
                Mac mac = (Mac) ready.clone();
                for (byte[] part : parts) {
                    mac.update(part);
                    work.hashed(part.length);
                }
                return mac.doFinal();
            } catch (CloneNotSupportedException e) {
                throw new IllegalStateException("the codes of Java's own provider can be copied", e);
            }
        }

        @Override
        public String toString() {
            return "Hmac[" + algorithm + "]";
        }
    }

    /** The sender's public key. */
    record Ed25519(PublicKey key) implements SignatureKey {
        @Override
        public Algorithm algorithm() {
            return Algorithm.ED25519;
        }

        @Override
        public boolean signs(List<byte[]> parts, List<byte[]> signatures, Work work) {
            boolean found = false;
            for (byte[] signature : signatures) {
                found |= isRight(parts, signature, work);
            }
            return found;
        }

        private boolean isRight(List<byte[]> parts, byte[] signature, Work work) {
            try {
                Signature check = Signature.getInstance("Ed25519");
                check.initVerify(key);
                for (byte[] part : parts) {
                    check.update(part);
                    work.hashed(part.length);
                }
                work.compared(signature, signature);
                return check.verify(signature);
            } catch (SignatureException e) {
                return false;
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("every Java has Ed25519", e);
            }
        }
    }
}
