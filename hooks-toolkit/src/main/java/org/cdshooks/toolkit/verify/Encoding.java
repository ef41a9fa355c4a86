package org.cdshooks.toolkit.verify;

import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;

/** How bytes are written in a header or a secret. */
public enum Encoding {
    /** Two digits a byte, in either case. */
    HEX,
    /** Base64 of the basic alphabet, with or without padding. */
    BASE64;

    /** Reads bytes; empty if the text is none. Never throws. */
    Optional<byte[]> decode(String text) {
        try {
            return Optional.of(
                    switch (this) {
                        case HEX -> HexFormat.of().parseHex(text);
                        case BASE64 -> Base64.getDecoder().decode(text);
                    });
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** How many characters that many bytes have at most. */
    int characters(int bytes) {
        return switch (this) {
            case HEX -> 2 * bytes;
            case BASE64 -> (bytes + 2) / 3 * 4;
        };
    }
}
