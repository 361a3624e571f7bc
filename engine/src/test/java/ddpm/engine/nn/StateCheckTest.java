package ddpm.engine.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cpu.CpuBackend;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.TensorException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@link Parameters#load} says of a file that is not the model's. */
class StateCheckTest {
    private final CpuBackend backend = new CpuBackend(Precision.FP32, 1);
    private final Parameters parameters = new Parameters(backend, 0);
    private final Map<String, HostTensor> found = new LinkedHashMap<>();

    @BeforeEach
    void fill() {
        for (String name : new String[] {"a", "b", "c", "d", "e"}) {
            if (parameters.list().size() < 5) {
                parameters.create(name, Shape.of(2, 2), Init.constant(0));
            }
            found.put(name, HostTensor.f32(new long[] {2, 2}, new float[] {1, -0f, Float.MAX_VALUE, Float.MIN_VALUE}));
        }
    }

    @AfterEach
    void close() {
        parameters.close();
        backend.close();
    }

    @Test
    void acceptsTheSameInAnyOrder() {
        found.put("a", found.remove("a"));
        parameters.load(found);
        assertArrayEquals(
                new float[] {1, -0f, Float.MAX_VALUE, Float.MIN_VALUE},
                parameters.get("a").value().toFloats());
    }

    @Test
    void namesMissingAndSurplus() {
        found.remove("d");
        assertRefused("1 tensor missing ('d'); use the configuration it was trained with");
        found.clear();
        assertRefused("5 tensors missing ('a', 'b', 'c' and 2 more); use the configuration it was trained with");
        fill();
        found.put("x", found.get("a"));
        assertRefused("1 tensor surplus ('x'); use the configuration it was trained with");
    }

    @Test
    void namesBothShapes() {
        found.put("b", HostTensor.f32(new long[] {4}, new float[4]));
        assertRefused("1 tensor of another shape ('b' is [4], the model has [2, 2]); use the configuration it was"
                + " trained with");
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
    void saysEverythingAtOnceAndChangesNothing() {
        found.remove("a");
        found.put("z", found.get("b"));
        found.put("b", HostTensor.f64(new long[] {1}, new double[1]));
        found.put("c", HostTensor.f32(new long[] {1}, new float[] {Float.NaN}));
        assertRefused(
                "1 tensor missing ('a'); 1 tensor surplus ('z'); 2 tensors of another shape ('b' is [1], the model"
                        + " has [2, 2], 'c' is [1], the model has [2, 2]); 1 tensor not F32 ('b' is F64); 1 tensor with NaN or"
                        + " infinite values ('c' has 1 of 1); use the configuration it was trained with");
        assertArrayEquals(new float[4], parameters.get("d").value().toFloats());
    }

    private void assertRefused(String problems) {
        var e = assertThrows(TensorException.class, () -> parameters.load(found));
        assertEquals("does not fit the model's 5 parameters: " + problems, e.getMessage());
    }
}
