package ddpm.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Standard output that remembers when it could not be written: writers and print streams of Java go on in silence. No
 * command stops for it, a training least of all: what it makes are files. But the process then says so and ends with
 * another code than 0, except where the one who read is gone ({@code | head -1}, a terminal that was closed), who cannot
 * miss anything.
 */
final class StandardOutput extends OutputStream {
    private final OutputStream stream;
    private final boolean reader;
    private IOException failure;

    /** @param reader whether a pipe or terminal takes the output, which fails when nobody is there to read */
    StandardOutput(OutputStream stream, boolean reader) {
        this.stream = stream;
        this.reader = reader;
    }

    /** That of this process; {@link System#out} goes there, too. */
    static StandardOutput ofProcess() {
        StandardOutput out = new StandardOutput(new FileOutputStream(FileDescriptor.out), hasReader());
        System.setOut(new PrintStream(out, true, charset("stdout.encoding")));
        return out;
    }

    /** Lines of text; what is written appears at once. */
    PrintWriter writer() {
        return new PrintWriter(new OutputStreamWriter(this, charset("stdout.encoding")), true);
    }

    /** Standard error; whether that can be written nobody could be told. */
    static PrintWriter errors() {
        return new PrintWriter(new OutputStreamWriter(System.err, charset("stderr.encoding")), true);
    }

    /** What a stream's reader expects: from JDK 19 on Java knows; before, it is that of the locale. */
    private static Charset charset(String property) {
        String name = System.getProperty(property, System.getProperty("native.encoding", "UTF-8"));
        return Charset.isSupported(name) ? Charset.forName(name) : Charset.forName("UTF-8");
    }

    private static boolean hasReader() {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
            return target.startsWith("pipe:")
                    || target.startsWith("socket:")
                    || target.startsWith("/dev/pts/")
                    || target.startsWith("/dev/tty");
        } catch (IOException notLinux) {
            return false;
        }
    }

    /** Why something that was said is lost; empty where all of it was written, or the reader went away. */
    synchronized Optional<String> lost() {
        if (failure == null) {
            return Optional.empty();
        }
        String reason = String.valueOf(failure.getMessage());
        return reader || reason.contains("Broken pipe") ? Optional.empty() : Optional.of(reason);
    }

    @Override
    public synchronized void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int from, int length) throws IOException {
        try {
            stream.write(bytes, from, length);
        } catch (IOException e) {
            if (failure == null) {
                failure = e;
            }
            throw e;
        }
    }
}
