package org.cdshooks.plugin.gitpoller;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a repository is on a server that is reached with SSH, in one of the two forms that {@code git clone} takes.
 *
 * @param user whom to log in as
 * @param host the server, an address of IPv6 without brackets
 * @param port its port
 * @param path the repository there: from the root if it begins with a slash, else from the home of the user
 */
record SshAddress(String user, String host, int port, String path) {
    private static final int DEFAULT_PORT = 22;
    private static final String USER = "[A-Za-z0-9_.][A-Za-z0-9_.-]*";
    private static final String HOST = "\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9][A-Za-z0-9.-]*";

    /** No blanks, no control characters; a dash in front would be an option to the server's git. */
    private static final String PATH = "[^\\s\\p{Cntrl}?#-][^\\s\\p{Cntrl}?#]*";

    private static final Pattern URL =
            Pattern.compile("(?i:ssh|git\\+ssh)://(?:(" + USER + ")@)?(" + HOST + ")(?::([0-9]{1,5}))?(/" + PATH + ")");
    private static final Pattern SCP = Pattern.compile("(" + USER + ")@(" + HOST + "):(?!//)(" + PATH + ")");

    /** Reads an address; empty if it is none of SSH. Without a user it is {@code git}. */
    static Optional<SshAddress> of(String text) {
        Matcher url = URL.matcher(text);
        if (url.matches()) {
            int port = url.group(3) == null ? DEFAULT_PORT : Integer.parseInt(url.group(3));
            if (port < 1 || port > 65_535) {
                return Optional.empty();
            }
            String user = url.group(1) == null ? "git" : url.group(1);
            return Optional.of(new SshAddress(user, bare(url.group(2)), port, withoutSlash(url.group(4))));
        }
        Matcher scp = SCP.matcher(text);
        return scp.matches()
                ? Optional.of(
                        new SshAddress(scp.group(1), bare(scp.group(2)), DEFAULT_PORT, withoutSlash(scp.group(3))))
                : Optional.empty();
    }

    private static String bare(String host) {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private static String withoutSlash(String path) {
        return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    /** Returns it in one form, whichever it was written in. */
    URI uri() {
        try {
            return new URI("ssh", user, host, port, path.startsWith("/") ? path : "/" + path, null, null);
        } catch (URISyntaxException e) {
            throw new IllegalStateException("option url: is no address", e);
        }
    }

    /** Returns what names the server in lines of {@code known_hosts}. */
    String knownAs() {
        return port == DEFAULT_PORT ? host : "[" + host + "]:" + port;
    }

    /** Returns the command that the server is to run. */
    String command() {
        return "git-upload-pack '" + path.replace("'", "'\\''") + "'";
    }

    @Override
    public String toString() {
        return uri().toString();
    }
}
