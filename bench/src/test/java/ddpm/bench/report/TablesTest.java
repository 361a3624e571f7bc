package ddpm.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables are medians of what was measured. */
class TablesTest {
    @TempDir
    Path folder;

    private static String run(String kind) {
        return "{\"kind\": \"" + kind
                + "\", \"machine\": \"a processor\", \"cores\": 2, \"memory_gb\": 25, \"driver\": \"\","
                + " \"date\": \"2026-01-02\", \"commit\": \"abc\", \"forced\": false, \"command\": \"bench/x.sh\"}";
    }

    private static String steps(String series, String variant, int batch, int parameters, String train, int peak) {
        return String.format(
                Locale.ROOT,
                "{\"kind\": \"steps\", \"series\": %s, \"variant\": \"%s\", \"version\": \"v\", \"device\": \"cpu\","
                        + " \"preset\": \"mnist\", \"batch\": %d, \"size\": \"28x28\", \"widths\": 1, \"parameters\": %d,"
                        + " \"train_s\": %s, \"sampling_s\": [0.5], \"train_steps\": 3, \"sampling_steps\": 7,"
                        + " \"first_step_s\": 2.5, \"peak_mb\": %d, \"others\": 0, \"refused\": 0, \"loss\": 1}",
                series,
                variant,
                batch,
                parameters,
                train,
                peak);
    }

    private String tables(String... lines) throws IOException {
        return Tables.markdown(Files.write(folder.resolve("r.jsonl"), List.of(lines)));
    }

    @Test
    void comparison() throws IOException {
        String text = tables(
                run("compare"),
                steps("null", "ddpm-fp32", 64, 10, "[2.0, 2.2]", 1000),
                steps("null", "torch-fp32", 64, 10, "[3.0]", 1500),
                steps("null", "torch-bf16-cl", 64, 10, "[2.5]", 1200),
                steps("null", "ddpm-fp32", 64, 10, "[9.0]", 1100));
        assertTrue(text.contains("| ddpm-fp32 | **2.20** | 2.00 .. 9.00 | 500 | 1,100 | 2.5, 2.5 |"), text);
        assertTrue(text.contains("fp32: training step **1.36** (torch-fp32, ddpm-fp32), sampling **1.00**"), text);
        assertTrue(
                text.contains("any precision: training step **1.14** (torch-bf16-cl, ddpm-fp32), sampling **1.00**"),
                text);
        assertTrue(text.contains("memory **1.09** (torch-bf16-cl, ddpm-fp32)"), text);
    }

    @Test
    void otherModelsAreNotCompared() {
        assertThrows(
                IllegalArgumentException.class,
                () -> tables(
                        run("compare"),
                        steps("null", "ddpm-fp32", 64, 10, "[2.0]", 1000),
                        steps("null", "torch-fp32", 64, 11, "[3.0]", 1500)));
    }

    @Test
    void scaling() throws IOException {
        String text = tables(
                run("scaling"),
                steps("\"batch\"", "ddpm-fp32", 32, 10, "[2.0, 2.2, 9.0]", 1000),
                steps("\"batch\"", "torch-fp32", 32, 10, "[3.0]", 1500),
                steps("\"batch\"", "ddpm-fp32", 16, 10, "[1.0]", 600));
        String table = text.substring(text.indexOf("| batch"));
        assertEquals(
                """
                | batch | ddpm-fp32, s | torch-fp32, s | ddpm-fp32, MB | torch-fp32, MB |
                | ---: | ---: | ---: | ---: | ---: |
                | 16 | 1.00 | | 600 | |
                | 32 | 2.20 | 3.00 | 1,000 | 1,500 |

                """,
                table);
    }
}
