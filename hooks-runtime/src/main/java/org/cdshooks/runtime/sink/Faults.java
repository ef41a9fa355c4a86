package org.cdshooks.runtime.sink;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.core5.http.NoHttpResponseException;

/** Says in words why a call brought no answer. The words name the target's origin, never its path. */
final class Faults {
    private Faults() {}

    static String describe(IOException fault, Target target, Duration timeout) {
        return switch (fault) {
            case HttpTransport.OutOfTimeException e -> outOfTime(target, timeout);
            case ConnectTimeoutException e -> "no connection to " + target + " within 5 s";
            case SocketTimeoutException e -> outOfTime(target, timeout);
            case UnknownHostException e -> String.valueOf(e.getMessage());
            case ConnectException e -> "no connection to " + target + ": nobody listens there or a firewall refuses";
            case NoHttpResponseException e -> target + " closed the connection without an answer";
            case SSLException e -> "TLS with " + target + " failed: " + tls(e);
            default ->
                "the call to " + target + " broke off: "
                        + CleanText.cut(CleanText.clean(String.valueOf(fault.getMessage()), List.of()), 200);
        };
    }

    private static String outOfTime(Target target, Duration timeout) {
        return "no complete answer from " + target + " within "
                + (timeout.toMillisPart() == 0 ? timeout.toSeconds() + " s" : timeout.toMillis() + " ms");
    }

    private static String tls(SSLException fault) {
        if (find(fault, CertificateExpiredException.class).isPresent()) {
            return "its certificate has expired";
        }
        if (find(fault, CertificateNotYetValidException.class).isPresent()) {
            return "its certificate is not valid yet";
        }
        if (fault instanceof SSLPeerUnverifiedException) {
            return "its certificate is for another host";
        }
        if (find(fault, CertPathBuilderException.class).isPresent()) {
            return "its certificate is self-signed or from an authority that this Java does not trust";
        }
        Optional<CertificateException> certificate = find(fault, CertificateException.class);
        if (certificate.isPresent()) {
            String message = String.valueOf(certificate.get().getMessage());
            return message.startsWith("No ") ? "its certificate is for another host" : "its certificate: " + message;
        }
        return find(fault, CertPathValidatorException.class)
                .map(e -> "its certificate: " + e.getMessage())
                .orElseGet(() -> CleanText.cut(CleanText.clean(String.valueOf(fault.getMessage()), List.of()), 200));
    }

    private static <T extends Throwable> Optional<T> find(Throwable fault, Class<T> type) {
        Throwable cause = fault;
        for (int depth = 0; cause != null && depth < 10; depth++) {
            if (type.isInstance(cause)) {
                return Optional.of(type.cast(cause));
            }
            cause = cause.getCause();
        }
        return Optional.empty();
    }
}
