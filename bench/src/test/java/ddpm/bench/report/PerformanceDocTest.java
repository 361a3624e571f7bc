package ddpm.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The tables that are committed are those of the measurements that are committed. */
class PerformanceDocTest {
    private static final Path ROOT = Path.of("..");
    private static final String REMEDY =
            "stale; make it anew with: java -cp bench/target/bench.jar ddpm.bench.report.PerformanceDoc";

    private final PerformanceDoc doc = new PerformanceDoc(ROOT);

    @Test
    void documentIsThatOfTheResults() throws IOException {
        assertEquals(doc.text(), Files.readString(doc.file()), () -> doc.file() + ": " + REMEDY);
    }

    @Test
    void plotsAreThere() throws IOException {
        Matcher image = Pattern.compile("!\\[[^]]*]\\(([^)]+)\\)").matcher(doc.text());
        while (image.find()) {
            Path file = doc.file().resolveSibling(image.group(1));
            assertTrue(Files.exists(file), () -> file + " is missing: " + REMEDY);
        }
    }

    @Test
    void tablesBesideTheResultsAreTheirs() throws IOException {
        for (Path file : doc.results()) {
            Path tables = Tables.beside(file);
            assertEquals(Tables.markdown(file), Files.readString(tables), () -> tables + ": " + REMEDY);
        }
    }

    @Test
    void sharesOfKernelsAreThoseOfTheResults() throws IOException {
        assertEquals(doc.kernelTable(), Files.readString(doc.kernels()), () -> doc.kernels() + ": " + REMEDY);
    }
}
