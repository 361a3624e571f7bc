package ddpm.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The report of a GPU says what was measured, what failed and what is missing; nothing is made up. */
class DeviceReportTest {
    static final String HEADER =
            "{\"kind\": \"device\", \"id\": \"one\", \"machine\": \"NVIDIA T9\", \"simulator\": false,"
                    + " \"driver\": \"580.1\", \"processor\": \"a processor\", \"cores\": 16, \"memory_gb\": 128, \"date\": \"2026-01-02\","
                    + " \"commit\": \"abc\", \"forced\": false, \"command\": \"bench/device-run.sh --out x\"}";
    static final String CEILING =
            "{\"kind\": \"ceiling\", \"by\": \"ddpm\", \"precision\": \"bf16\", \"copy_gb_s\": 4000,"
                    + " \"product_tflop_s\": 700}";
    private static final String CUT = "{\"kind\": \"steps\", \"variant\": \"ddpm-fp3";

    static String steps(String variant, String train, String sampling) {
        return "{\"kind\": \"steps\", \"variant\": \"" + variant + "\", \"version\": \"v\", \"device\": \"cuda\","
                + " \"preset\": \"mnist\", \"batch\": 64, \"size\": \"28x28\", \"widths\": 1, \"parameters\": 10, \"train_s\": "
                + train + ", \"sampling_s\": " + sampling + ", \"train_steps\": 30, \"sampling_steps\": 70,"
                + " \"first_step_s\": 2.5, \"peak_mb\": 900, \"others\": 0, \"refused\": 0, \"loss\": 1}";
    }

    static String unit(String name, String verdict, String note) {
        return "{\"kind\": \"unit\", \"unit\": \"" + name + "\", \"verdict\": \"" + verdict
                + "\", \"seconds\": 7, \"note\": \"" + note + "\"}";
    }

    private static String report(String... lines) {
        return new DeviceReport(DeviceRun.of(List.of(lines))).markdown();
    }

    private static void assertHas(String report, String text) {
        assertTrue(report.contains(text), () -> text + " is missing in\n" + report);
    }

    @Test
    void stepsBesidePyTorch() {
        String report = report(
                HEADER,
                CEILING,
                steps("ddpm-bf16", "[0.010, 0.012, 0.011]", "[0.004]"),
                steps("torch-bf16-cl", "[0.022]", "[]"));
        assertHas(report, "# NVIDIA T9, 2026-01-02\n");
        assertHas(report, "| ddpm-bf16 | **11.0** | 10.0 .. 12.0 | 4.00 | 900 | 2.5 |\n");
        assertHas(report, "| torch-bf16-cl | **22.0** | 22.0 .. 22.0 | not measured | 900 | 2.5 |\n");
        assertHas(
                report, "PyTorch's best divided by ddpm's best: training step **2.00** (torch-bf16-cl, ddpm-bf16).\n");
        assertHas(report, "| ddpm | 4,000 | 700 (bf16) |");
    }

    @Test
    void aVariantThatFailsIsALine() {
        String report = report(
                HEADER,
                unit("2-mnist-64-torch-graph-bf16-cl", "failed", "capture | failed"),
                steps("ddpm-bf16", "[0.01]", "[0.004]"),
                unit("2-mnist-64-ddpm-bf16", "passed", ""),
                unit("2-cifar-256-ddpm-fp32", "left out", "expected to take 13 s, 2 s are left"));
        String table = report.substring(report.indexOf("## Steps"), report.indexOf("## Kernels"));
        assertHas(table, "preset mnist, batch 64, 28x28; v, 10 parameters");
        assertHas(table, "| torch-graph-bf16-cl | failed: capture \\| failed | | | | |\n| ddpm-bf16 | **10.0**");
        assertHas(table, "preset cifar, batch 256; not measured\n");
        assertHas(table, "| ddpm-fp32 | left out: expected to take 13 s, 2 s are left | | | | |\n");
        assertFalse(table.contains("divided"), table);
    }

    /** Tried again in a second run. */
    @Test
    void aVariantThatFailedOnceAndRanCounts() {
        String report = report(
                HEADER,
                unit("2-mnist-64-ddpm-bf16", "stopped", "after 60 s"),
                HEADER.replace("\"one\"", "\"two\""),
                steps("ddpm-bf16", "[0.01]", "[0.004]"));
        assertHas(report, "| ddpm-bf16 | **10.0** |");
        assertFalse(report.contains("| ddpm-bf16 | stopped"), report);
    }

    @Test
    void whatIsMissingIsNotMeasured() {
        String report = report(HEADER);
        for (String title : List.of("Ceilings", "Steps beside PyTorch", "Kernels of a step", "Tests on the GPU")) {
            assertHas(report, "## " + title + "\n\nNot measured.\n");
        }
        assertHas(report, "## Training\n\nNot measured.\n");
        assertHas(report, "## Ladders\n\nNot measured.\n");
    }

    @Test
    void aLineThatWasCutOffIsLeftOutAndCounted() {
        String report = report(HEADER, steps("ddpm-bf16", "[0.01]", "[0.004]"), CUT);
        assertHas(report, "Lines that were cut off and are left out: 1.");
        assertHas(report, "| ddpm-bf16 | **10.0** |");
        assertFalse(report.contains("ddpm-fp3"), report);
    }

    @Test
    void testsAndKernelsOfAFolder(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("results.jsonl"), HEADER + "\n" + CEILING + "\n");
        Files.writeString(
                folder.resolve("tests.tsv"),
                "PASSED\ta.ConvTest\tcuda\t40\t\nFAILED\ta.ConvTest\tcuda bf16\t60\texpected 1\nSKIPPED\ta.NormTest\tx\t0\tno\n"
                        + "PASSED\ta.NormTest\tcud");
        String trace = "{\"traceEvents\": ["
                + event(1, "attention", "64 images", 0, 7e9) + ","
                + event(2, "attention_mma_forward_d16", "attention 64 images", 4e6, 0) + ","
                + event(2, "add_f32", "add 5", 2e6, 0) + ","
                + event(2, "add_f32", "add 6", 6e6, 0) + "]}";
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(folder.resolve("trace.json.gz")))) {
            out.write(trace.getBytes(StandardCharsets.UTF_8));
        }
        DeviceRun run = DeviceRun.of(new DeviceFolder(folder).lines());
        String report = new DeviceReport(run).markdown();
        assertHas(report, "1 passed, 1 failed, 1 skipped, in 2 classes.");
        assertHas(report, "| ConvTest | 1 | 1 | 0 | 0.1 |");
        assertHas(report, "* a.ConvTest, cuda bf16: expected 1");
        assertHas(report, "| `add_f32` | 2 | 0.040 | 66.7 % | 200 | 5 |  |");
        assertHas(report, "| `attention_mma_forward_d16` | 1 | 0.020 | 33.3 % | 200 | 5 | 350 |");

        String row = "| `%s` | `x.cu` | y | `X.y` | 12 | 20 | 0 | %s |";
        String table =
                "| kernel | file | formula | used by | bytes per element | registers | shared | measured, % of peak |\n"
                        + "| --- | --- | --- | --- | --- | --- | --- | --- |\n";
        KernelColumn column = new KernelColumn(run);
        assertEquals(
                table + String.format(Locale.ROOT, row, "add_{f32,bf16}", "5.0 of copy: `add_f32`") + "\n"
                        + String.format(
                                Locale.ROOT,
                                row,
                                "attention_mma_forward_d{8,16}",
                                "50.0 of the product: `attention_mma_forward_d16`")
                        + "\n" + String.format(Locale.ROOT, row, "ema", "not measured") + "\n\n| other | table |\n",
                column.into(table + String.format(Locale.ROOT, row, "add_{f32,bf16}", "not measured") + "\n"
                        + String.format(Locale.ROOT, row, "attention_mma_forward_d{8,16}", "7 of copy") + "\n"
                        + String.format(Locale.ROOT, row, "ema", "99 of copy") + "\n\n| other | table |\n"));
    }

    private static String event(int lane, String name, String detail, double bytes, double flops) {
        return "{\"ph\": \"X\", \"tid\": " + lane + ", \"name\": \"" + name
                + "\", \"ts\": 0, \"dur\": 20, \"args\": {\"detail\": \"" + detail + "\", \"bytes\": " + (long) bytes
                + ", \"flops\": " + flops + "}}";
    }

    @Test
    void namesOfARow() {
        assertEquals(Set.of("a_4", "a_8", "b"), KernelColumn.kernels("| `a_{4,8}`, `b`"));
    }

    @Test
    void withoutADeviceThereIsNoReport(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("x.jsonl"), CEILING + "\n");
        assertFalse(DeviceRun.isOne(file));
        assertThrows(IOException.class, () -> DeviceRun.read(file));
    }
}
