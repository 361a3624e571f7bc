package ddpm.engine.backend.cuda.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The dynamic loader's list of libraries, what {@code ldconfig -p} prints, read from its file: a table of offsets to names
 * and paths (struct cache_file_new in glibc's dl-cache.h). An unknown format counts as an empty list.
 */
public final class LoaderCache {
    private static final Path FILE = Path.of("/etc/ld.so.cache");
    private static final byte[] MAGIC = "glibc-ld.so.cache1.1".getBytes(StandardCharsets.US_ASCII);
    private static final int HEADER_BYTES = 48;
    private static final int ENTRY_BYTES = 24;
    private static final int X86_64 = 0x0303; // flags: an ELF library of libc 6, 64-bit x86

    private final Map<String, List<Path>> paths = new LinkedHashMap<>();

    private LoaderCache() {}

    public static LoaderCache read() {
        return read(FILE);
    }

    public static LoaderCache read(Path file) {
        LoaderCache cache = new LoaderCache();
        try {
            cache.parse(Files.readAllBytes(file));
        } catch (IOException | IndexOutOfBoundsException unreadable) {
            cache.paths.clear(); // the usual folders are looked at too
        }
        return cache;
    }

    /** The libraries of this name, in the loader's order. */
    List<Path> find(String soname) {
        return paths.getOrDefault(soname, List.of());
    }

    private void parse(byte[] bytes) {
        int start = indexOf(bytes, MAGIC); // an older table may come first
        if (start < 0) {
            return;
        }
        ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        int count = b.getInt(start + MAGIC.length);
        for (int i = 0; i < count; i++) {
            int entry = start + HEADER_BYTES + i * ENTRY_BYTES;
            if (b.getInt(entry) == X86_64) {
                String soname = text(bytes, start + b.getInt(entry + 4));
                Path path = Path.of(text(bytes, start + b.getInt(entry + 8)));
                paths.computeIfAbsent(soname, s -> new ArrayList<>()).add(path);
            }
        }
    }

    private static String text(byte[] bytes, int from) {
        int end = from;
        while (bytes[end] != 0) {
            end++;
        }
        return new String(bytes, from, end - from, StandardCharsets.UTF_8);
    }

    private static int indexOf(byte[] bytes, byte[] wanted) {
        outer:
        for (int i = 0; i + wanted.length <= bytes.length; i++) {
            for (int j = 0; j < wanted.length; j++) {
                if (bytes[i + j] != wanted[j]) {
                    continue outer;
                }
            }
            return i;
        }
        return -1;
    }
}
