package org.cdshooks.runtime.plugin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLDecoder;
import java.net.URLStreamHandler;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.zip.ZipFile;

/**
 * A jar that is opened once and read through that one open file until the plugin goes. The JDK's own {@code jar:} URLs
 * open the file anew by its path, and keep it open in a cache of the whole process: after the file was replaced they
 * would answer with the new file's bytes beside the old one's classes, and they outlive their class loader.
 *
 * <p>{@link #close} does nothing, since libraries close what {@link JarURLConnection#getJarFile} gives them.
 */
final class HeldJar extends JarFile {
    private final Path path;
    private final URL location;
    private final BasicFileAttributes opened;

    /** What happened to the file since it was opened. */
    enum Change {
        /** The open file itself has other bytes: what is read from it is wrong. */
        OVERWRITTEN,
        /** Another file has its name. */
        REPLACED,
        /** No file has its name. */
        REMOVED
    }

    HeldJar(Path path) throws IOException {
        super(path.toFile(), true, ZipFile.OPEN_READ, Runtime.version());
        this.path = path;
        this.location = path.toUri().toURL();
        this.opened = Files.readAttributes(path, BasicFileAttributes.class);
    }

    /** Tells what happened to the file since it was opened; empty if nothing did, or nobody can tell. */
    Optional<Change> change() {
        try {
            BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
            if (!Objects.equals(now.fileKey(), opened.fileKey())) {
                return Optional.of(Change.REPLACED);
            }
            return now.size() == opened.size() && now.lastModifiedTime().equals(opened.lastModifiedTime())
                    ? Optional.empty()
                    : Optional.of(Change.OVERWRITTEN);
        } catch (NoSuchFileException e) {
            return Optional.of(Change.REMOVED);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The name of the file, for messages. */
    String fileName() {
        return String.valueOf(path.getFileName());
    }

    /** Where the jar lies, for code sources. */
    URL location() {
        return location;
    }

    /** A URL of an entry, such as {@code jar:file:/…/a.jar!/a/b.txt}, that reads from this open file. */
    Optional<URL> resource(String name) {
        if (getJarEntry(name) == null) {
            return Optional.empty();
        }
        try {
            String encoded = new URI("jar", null, "/" + name, null).getRawPath();
            return Optional.of(URL.of(URI.create("jar:" + location + "!" + encoded), new Handler()));
        } catch (URISyntaxException | MalformedURLException e) {
            throw new IllegalArgumentException("no URL can be made of resource name '" + name + "'", e);
        }
    }

    @Override
    public void close() {
        // see the class comment; release() does it
    }

    void release() throws IOException {
        super.close();
    }

    private final class Handler extends URLStreamHandler {
        @Override
        protected URLConnection openConnection(URL url) throws IOException {
            return new Connection(url);
        }
    }

    private final class Connection extends JarURLConnection {
        private final String entryName;

        Connection(URL url) throws MalformedURLException {
            super(url);
            String file = url.getFile();
            // a plus sign means itself in a path
            entryName = URLDecoder.decode(file.substring(file.indexOf("!/") + 2).replace("+", "%2B"), UTF_8);
        }

        @Override
        public void connect() throws IOException {
            entry();
            connected = true;
        }

        @Override
        public JarFile getJarFile() {
            return HeldJar.this;
        }

        @Override
        public InputStream getInputStream() throws IOException {
            JarEntry entry = entry();
            connected = true;
            return HeldJar.this.getInputStream(entry);
        }

        @Override
        public long getContentLengthLong() {
            try {
                return entry().getSize();
            } catch (IOException e) {
                return -1;
            }
        }

        private JarEntry entry() throws IOException {
            try {
                JarEntry entry = HeldJar.this.getJarEntry(entryName);
                if (entry != null) {
                    return entry;
                }
            } catch (IllegalStateException e) {
                throw new IOException("the plugin of " + path + " has been stopped", e);
            }
            throw new FileNotFoundException(entryName + " in " + path);
        }
    }
}
