package ddpm.engine.disk;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * Names of files as text and back, the same in every locale. Java itself knows only names that the character set of the
 * process can express: with LC_ALL=C a path that a folder lists as {@code é.png} becomes {@code ??.png}, and no text
 * leads back to it. Here names are UTF-8, and a byte that is not becomes a lone surrogate, U+DC80 to U+DCFF.
 */
public final class PathText {
    private static final char UNREADABLE = '\uFFFD';
    private static final char BYTE = 0xDC00;

    private PathText() {}

    /** The text of a path, from which {@link #path} makes an equal one. */
    public static String of(Path path) {
        String text = path.toString();
        if (text.indexOf(UNREADABLE) < 0) {
            return text;
        }
        if (path.isAbsolute()) {
            return decode(bytes(path));
        }
        return of(path.toAbsolutePath()).substring(of(here()).length()).replaceFirst("^/+", "");
    }

    /** @throws InvalidPathException where no file can have this name */
    public static Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            if (!here().getFileSystem().getSeparator().equals("/") || text.indexOf('\0') >= 0) {
                throw e;
            }
        }
        // a path can be made of bytes only by way of a URI, which must be absolute
        Path here = here();
        String encoded = encode(text);
        return encoded.startsWith("/")
                ? Path.of(URI.create("file://" + encoded.replaceFirst("^/+", "/")))
                : here.relativize(
                        Path.of(URI.create("file://" + here.toUri().getRawPath().replaceFirst("/*$", "/") + encoded)));
    }

    /** The folder that a variable of the environment names; empty where it names none that this process could open. */
    public static Optional<Path> variable(String value) {
        try {
            return value == null || value.isBlank() ? Optional.empty() : Optional.of(path(value));
        } catch (InvalidPathException unreadable) {
            return Optional.empty();
        }
    }

    private static Path here() {
        return Path.of("").toAbsolutePath();
    }

    private static byte[] bytes(Path absolute) {
        String raw = absolute.toUri().getRawPath(); // ends with a slash where it is a folder
        String escaped = raw.length() > 1 ? raw.replaceFirst("/$", "") : raw;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < escaped.length(); i++) {
            char c = escaped.charAt(i);
            if (c == '%') {
                bytes.write(Integer.parseInt(escaped.substring(i + 1, i + 3), 16));
                i += 2;
            } else {
                bytes.write(c);
            }
        }
        return bytes.toByteArray();
    }

    private static String decode(byte[] bytes) {
        CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        while (true) {
            CoderResult result = utf8.decode(in, out, true);
            if (!result.isError()) {
                return out.flip().toString();
            }
            for (int i = 0; i < result.length(); i++) {
                out.put((char) (BYTE + (in.get() & 255)));
            }
            utf8.reset();
        }
    }

    private static String encode(String text) {
        StringBuilder escaped = new StringBuilder();
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            boolean plain = c < 128 && (Character.isLetterOrDigit(c) || "/-._~".indexOf(c) >= 0);
            if (plain) {
                escaped.append((char) c);
            } else if (c >= BYTE + 128 && c < BYTE + 256) {
                escape(c - BYTE, escaped);
            } else {
                for (byte b : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
                    escape(b & 255, escaped);
                }
            }
        }
        return escaped.toString();
    }

    private static void escape(int b, StringBuilder into) {
        into.append(String.format(Locale.ROOT, "%%%02X", b));
    }
}
