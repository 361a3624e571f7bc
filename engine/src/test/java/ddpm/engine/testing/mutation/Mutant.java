package ddpm.engine.testing.mutation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A mistake planted by kernels/src/sim/mutate.cpp.
 *
 * @param file the source, by its path below kernels/src/main/cuda, or ladder/...
 * @param id what {@code CUSIM_MUTANT} switches it on by, from 1 on
 * @param kind sync, bound or guard
 * @param line where in the file
 * @param text the line of source, a bound's with the mistake in it
 */
record Mutant(String file, int id, String kind, int line, String text) {
    static List<Mutant> read(Path list) throws IOException {
        return Files.readAllLines(list).stream().map(Mutant::parse).toList();
    }

    private static Mutant parse(String line) {
        String[] fields = line.split("\t", 5);
        return new Mutant(
                fields[0], Integer.parseInt(fields[1]), fields[2], Integer.parseInt(fields[3]), fields[4].strip());
    }

    /** As compilers name a place. */
    String place() {
        return file + ":" + line;
    }

    /** Stays the same when other lines of the file come and go. */
    String key() {
        return file + "\t" + kind + "\t" + text;
    }
}
