package ddpm.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Filing takes runs of one GPU, once each, and rewrites what depends on them. */
class DeviceFileTest {
    private static final String NO_GPU = "| `add` | `x.cu` | y | `X.y` | 12 | 20 | 0 | not measured |\n";
    private static final String TABLE = "| kernel | measured, % of peak |\n| --- | --- |\n" + NO_GPU;

    @TempDir
    Path root;

    @BeforeEach
    void project() throws IOException {
        Files.createDirectories(root.resolve("bench/results"));
        Files.createDirectories(root.resolve("docs"));
        Files.createDirectories(root.resolve("kernels"));
        Files.writeString(root.resolve("kernels/README.md"), TABLE);
    }

    private Path folder(String name, String... lines) throws IOException {
        Path folder = Files.createDirectories(root.resolve(name));
        Files.write(folder.resolve("results.jsonl"), List.of(lines));
        return folder;
    }

    private Path run(String id, String variant) throws IOException {
        return folder(
                id,
                DeviceReportTest.HEADER.replace("\"one\"", "\"" + id + "\""),
                DeviceReportTest.steps(variant, "[0.01]", "[0.004]"),
                DeviceReportTest.unit("2-mnist-64-" + variant, "passed", ""));
    }

    /** What it said, where it refused; empty where it filed. */
    private String file(Object... words) {
        List<String> all = new ArrayList<>(List.of("--root", root.toString()));
        for (Object word : words) {
            all.add(word.toString());
        }
        PrintStream before = System.err;
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        try {
            int exit = new CommandLine(new DeviceFile()).execute(all.toArray(String[]::new));
            assertEquals(err.size() > 0 ? 1 : 0, exit);
        } finally {
            System.setErr(before);
        }
        return err.toString(StandardCharsets.UTF_8);
    }

    private String text(String file) throws IOException {
        return Files.readString(root.resolve(file));
    }

    @Test
    void filesReportAndDocuments() throws IOException {
        assertEquals("", file(run("a", "ddpm-bf16"), run("b", "torch-bf16-cl")));
        String report = text("bench/results/nvidia-t9-2026-01-02.md");
        assertTrue(
                report.contains("| ddpm-bf16 | **10.0** |") && report.contains("| torch-bf16-cl | **10.0** |"), report);
        String doc = text("docs/performance.md");
        assertTrue(doc.contains("### NVIDIA T9, training and sampling steps"), doc);
        assertTrue(doc.contains("(../bench/results/nvidia-t9-2026-01-02.md)"), doc);
        assertFalse(doc.contains("device-file.sh DIR`.\n"), doc);
        assertEquals(TABLE, text("kernels/README.md")); // no profile, no share
    }

    @Test
    void filesARunOnce() throws IOException {
        Path first = run("a", "ddpm-bf16");
        assertEquals("", file(first));
        String before = text("bench/results/nvidia-t9-2026-01-02.jsonl");
        assertEquals("", file(first));
        assertEquals(before, text("bench/results/nvidia-t9-2026-01-02.jsonl"));
        assertEquals("", file(run("b", "ddpm-fp32")));
        String report = text("bench/results/nvidia-t9-2026-01-02.md");
        assertTrue(report.contains("| ddpm-bf16 | **10.0** |") && report.contains("| ddpm-fp32 | **10.0** |"), report);
    }

    @Test
    void aRunThatWasCutOffIsFiled() throws IOException {
        Path folder = run("a", "ddpm-bf16");
        Files.writeString(folder.resolve("results.jsonl"), text("a/results.jsonl") + "{\"kind\": \"ste");
        assertEquals("", file(folder));
        assertTrue(
                text("bench/results/nvidia-t9-2026-01-02.md").contains("Lines that were cut off and are left out: 1."));
    }

    @Test
    void refusesWhatIsNoResultOfOneGpu() throws IOException {
        String simulated = DeviceReportTest.HEADER.replace("\"simulator\": false", "\"simulator\": true");
        Path rehearsal = folder("r", simulated, DeviceReportTest.unit("1-found", "passed", ""));
        assertTrue(file(rehearsal).contains("results of the simulator, not of a GPU"));
        assertTrue(file(run("a", "ddpm-bf16"), folder("o", DeviceReportTest.HEADER.replace("T9", "T8")))
                .contains("several machines"));
        assertTrue(file(folder("n", DeviceReportTest.HEADER, DeviceReportTest.unit("1-found", "failed", "no GPU")))
                .contains("nothing in these folders passed"));
        assertTrue(file(folder("e")).contains("no line says what was measured on"));
        assertTrue(file(Files.createDirectories(root.resolve("empty"))).contains("holds no results.jsonl"));
        try (var filed = Files.list(root.resolve("bench/results"))) {
            assertEquals(0, filed.count());
        }
        assertEquals("", file("--out", root.resolve("rehearsed"), rehearsal));
        assertTrue(text("rehearsed.md").contains("This is the simulator"));
        assertFalse(Files.exists(root.resolve("docs/performance.md")));
    }

    @Test
    void samplesBecomeAPicture() throws IOException {
        Path folder = run("a", "ddpm-bf16");
        String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3, 4, 1), }\n";
        ByteBuffer npy = ByteBuffer.allocate(10 + header.length() + 4 * 24).order(ByteOrder.LITTLE_ENDIAN);
        npy.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0}).putShort((short) header.length());
        npy.put(header.getBytes(StandardCharsets.US_ASCII));
        for (int i = 0; i < 24; i++) {
            npy.putFloat(i < 12 ? -1 : 1);
        }
        Files.write(folder.resolve("samples.npy"), npy.array());
        assertEquals("", file(folder));
        var image = ImageIO.read(
                root.resolve("bench/results/nvidia-t9-2026-01-02.png").toFile());
        assertEquals(0xff000000, image.getRGB(3, 3));
        assertEquals(0xffffffff, image.getRGB(2 + 4 + 2 + 1, 3));
        Files.write(folder.resolve("samples.npy"), Arrays.copyOf(npy.array(), 100));
        assertTrue(file(folder).contains("shorter than its header says"));
    }
}
