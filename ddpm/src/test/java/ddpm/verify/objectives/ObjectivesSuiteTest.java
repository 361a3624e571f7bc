package ddpm.verify.objectives;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.io.Safetensors;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachDevice;
import ddpm.verify.report.Allowance;
import ddpm.verify.report.Check;
import ddpm.verify.report.Report;
import ddpm.verify.vectors.VectorFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A set of two groups made by hand, then damaged. */
class ObjectivesSuiteTest {
    private static final String GUIDANCE = "\"guidance\": [{\"scale\": 3, \"rescale\": 0}]";
    private static final String RATES = "\"cosine_lr\": [{\"base\": 2, \"warmup\": 4, \"total\": 12, \"cycles\": 0.5,"
            + " \"steps\": [0, 1, 4, 8, 12], \"lr\": [0, 0.5, 2, 1, 0]}]";
    private static final long[] SHAPE = {1, 1, 1, 3};

    @TempDir
    Path folder;

    private final Map<String, HostTensor> tensors = new LinkedHashMap<>();

    @BeforeEach
    void fill() {
        tensors.put("guidance/cond", HostTensor.f32(SHAPE, new float[] {1, 2, 3}));
        tensors.put("guidance/uncond", HostTensor.f32(SHAPE, new float[] {1, 1, 0}));
        tensors.put("guidance/out_0", HostTensor.f64(SHAPE, new double[] {1, 4, 9}));
    }

    private List<Check> checks(Device device, String... entries) throws IOException {
        String json = "{\"layout\": \"NCHW\", " + String.join(", ", entries) + "}";
        Files.writeString(folder.resolve("objectives.json"), json);
        Safetensors.write(folder.resolve("objectives.safetensors"), tensors, Map.of());
        Report report = new Report(new PrintWriter(new StringWriter()));
        VectorFolder vectors = new VectorFolder(folder, report);
        new ObjectivesSuite(vectors, device.backend(), report).run();
        vectors.reportUncovered();
        return report.checks();
    }

    private static String failed(List<Check> checks) {
        return checks.stream()
                .filter(c -> !c.ok())
                .map(c -> c.name() + " " + c.notes())
                .toList()
                .toString();
    }

    @OnEachDevice
    void asItIsItPasses(Device device) throws IOException {
        List<Check> checks = checks(device, GUIDANCE, RATES);
        assertEquals("[]", failed(checks));
        assertEquals(
                List.of("guidance/out_0", "cosine_lr 0"),
                checks.stream().map(Check::name).toList());
    }

    @OnEachDevice
    void aWrongValueFails(Device device) throws IOException {
        tensors.put("guidance/out_0", HostTensor.f64(SHAPE, new double[] {1, 4, 9.001}));
        assertTrue(failed(checks(device, GUIDANCE))
                .startsWith("[guidance/out_0 [element 2 is 9.0, the reference has 9.001"));
        List<Check> rates = checks(device, RATES.replace("1, 0]", "1, 1e-6]"));
        assertTrue(failed(rates).contains("cosine_lr 0"), failed(rates));
    }

    @OnEachDevice
    void aGroupOfAnotherKindFailsByName(Device device) throws IOException {
        tensors.put("distillation/teacher", HostTensor.f32(SHAPE, new float[3]));
        String failed = failed(checks(device, GUIDANCE));
        assertTrue(failed.contains("distillation/ [a group of this kind is not known here]"), failed);
    }

    @OnEachDevice
    void anEntryOrASettingOfAnotherKindFailsByName(Device device) throws IOException {
        String entry = failed(checks(device, GUIDANCE, "\"distillation\": {}"));
        assertTrue(entry.contains("objectives.json distillation"), entry);
        String setting = failed(checks(device, GUIDANCE.replace("}", ", \"interval\": [0, 1]}")));
        assertTrue(setting.contains("guidance/") && setting.contains("interval"), setting);
    }

    @OnEachDevice
    void aTensorThatIsLeftOverOrMissingFailsByName(Device device) throws IOException {
        tensors.put("guidance/out_1", HostTensor.f64(SHAPE, new double[3]));
        assertTrue(failed(checks(device, GUIDANCE)).contains("no check covers: guidance/out_1"));
        tensors.keySet().removeIf(n -> n.startsWith("guidance/out"));
        assertTrue(failed(checks(device, GUIDANCE)).contains("'guidance/out_0' is missing"));
    }

    /** The allowed difference grows with the largest of the same image, not with that of another. */
    @OnEachDevice
    void imagesHaveTolerancesOfTheirOwn(Device device) {
        double[] want = {1000, 0, 1, 0};
        long[] shape = {2, 2};
        assertTrue(Check.each("x", want, new double[] {1000, 0.019, 1, 1.9e-5}, shape, Allowance.IMAGES)
                .ok());
        assertTrue(!Check.each("x", want, new double[] {1000, 0, 1, 2.1e-5}, shape, Allowance.IMAGES)
                .ok());
        assertTrue(!Check.each("x", want, new double[] {Double.NaN, 0, 1, 0}, shape, Allowance.IMAGES)
                .ok());
    }
}
