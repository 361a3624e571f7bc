package ddpm.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The arguments of this process as they were given: Java reads them in the locale's character set and loses the rest. */
final class Arguments {
    private static final char LOST = '\uFFFD';

    private Arguments() {}

    /** {@code args} of main, those with lost characters read again as UTF-8 where the system still has them. */
    static String[] restored(String[] args) {
        String jnu = System.getProperty("sun.jnu.encoding", "UTF-8");
        if (String.join("", args).indexOf(LOST) < 0 || !Charset.isSupported(jnu)) {
            return args;
        }
        try {
            return restored(args, Files.readAllBytes(Path.of("/proc/self/cmdline")), Charset.forName(jnu));
        } catch (IOException notLinux) {
            return args; // whoever makes a path of one says so
        }
    }

    /** @param commandLine every word of it, each ended by a zero */
    static String[] restored(String[] args, byte[] commandLine, Charset lossy) {
        List<byte[]> words = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < commandLine.length; i++) {
            if (commandLine[i] == 0) {
                words.add(Arrays.copyOfRange(commandLine, from, i));
                from = i + 1;
            }
        }
        int first = words.size() - args.length;
        String[] restored = args.clone();
        for (int i = 0; first >= 0 && i < args.length; i++) {
            byte[] word = words.get(first + i);
            if (!new String(word, lossy).equals(args[i])) {
                return args; // a launcher has changed the words
            }
            restored[i] = utf8(word, args[i]);
        }
        return restored;
    }

    private static String utf8(byte[] word, String otherwise) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(word))
                    .toString();
        } catch (CharacterCodingException e) {
            return otherwise;
        }
    }
}
