package ddpm.engine.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The worst |got - want| / tolerance of each result in this JVM, written to target/opcheck-FORK.tsv at its end. */
final class Worst {
    private record Entry(double ratio, String where) {}

    private static final Map<String, Entry> BY_RESULT = new TreeMap<>();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(Worst::write));
    }

    private Worst() {}

    static synchronized void note(String result, double ratio, String where) {
        BY_RESULT.merge(result, new Entry(ratio, where), (a, b) -> a.ratio() >= b.ratio() ? a : b);
    }

    private static synchronized void write() {
        List<String> lines = new ArrayList<>(List.of("result\tworst/tolerance\twhere"));
        BY_RESULT.forEach((r, e) -> lines.add(String.format(Locale.ROOT, "%s\t%.3f\t%s", r, e.ratio(), e.where())));
        try {
            String name = "opcheck-" + System.getProperty("ddpm.fork", "1") + ".tsv";
            Files.write(Files.createDirectories(Path.of("target")).resolve(name), lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
