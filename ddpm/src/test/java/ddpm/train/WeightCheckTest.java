package ddpm.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ddpm.engine.io.DType;
import ddpm.engine.io.HostTensor;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WeightCheckTest {
    private static final Path FILE = Path.of("model.safetensors");

    private final Map<String, long[]> expected = new LinkedHashMap<>();
    private final Map<String, HostTensor> found = new LinkedHashMap<>();

    @BeforeEach
    void fill() {
        for (String name : new String[] {"a", "b", "c", "d", "e"}) {
            expected.put(name, new long[] {2, 2});
            found.put(name, HostTensor.f32(new long[] {2, 2}, new float[] {1, -0f, Float.MAX_VALUE, Float.MIN_VALUE}));
        }
    }

    @Test
    void acceptsTheSameInAnyOrder() throws CheckpointException {
        found.put("a", found.remove("a"));
        WeightCheck.requireSame(FILE, expected, found);
    }

    @Test
    void namesMissingAndSurplus() {
        found.remove("d");
        assertRefused("1 tensor missing ('d'); use the config it was trained with");
        found.clear();
        assertRefused("5 tensors missing ('a', 'b', 'c' and 2 more); use the config it was trained with");
        fill();
        found.put("x", found.get("a"));
        assertRefused("1 tensor surplus ('x'); use the config it was trained with");
    }

    @Test
    void namesBothShapes() {
        found.put("b", HostTensor.f32(new long[] {4}, new float[4]));
        assertRefused(
                "1 tensor of another shape ('b' is [4], the model has [2, 2]); use the config it was trained with");
    }

    @Test
    void namesTheType() {
        found.put("b", new HostTensor(DType.BF16, new long[] {2, 2}, ByteBuffer.allocate(8)));
        assertRefused("1 tensor not F32 ('b' is BF16); convert the weights to F32");
    }

    @Test
    void countsNaNAndInfinity() {
        found.put("c", HostTensor.f32(new long[] {2, 2}, new float[] {0, Float.NaN, 1, Float.NEGATIVE_INFINITY}));
        assertRefused("1 tensor with NaN or infinite values ('c' has 2 of 4); take an earlier checkpoint");
    }

    @Test
    void saysEverythingAtOnce() {
        found.remove("a");
        found.put("z", found.get("b"));
        found.put("b", HostTensor.f64(new long[] {1}, new double[1]));
        found.put("c", HostTensor.f32(new long[] {1}, new float[] {Float.NaN}));
        assertRefused(
                "1 tensor missing ('a'); 1 tensor surplus ('z'); 2 tensors of another shape ('b' is [1], the model"
                        + " has [2, 2], 'c' is [1], the model has [2, 2]); 1 tensor not F32 ('b' is F64); 1 tensor with NaN or"
                        + " infinite values ('c' has 1 of 1); use the config it was trained with");
    }

    private void assertRefused(String problems) {
        var e = assertThrows(CheckpointException.class, () -> WeightCheck.requireSame(FILE, expected, found));
        assertEquals(FILE + " does not fit the model: " + problems, e.getMessage());
    }
}
