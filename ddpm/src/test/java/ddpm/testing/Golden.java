package ddpm.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.io.Safetensors;
import ddpm.engine.nn.Layout;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Map;

/** The reference's vectors in src/test/resources/golden, see the README there. */
public final class Golden {
    private Golden() {}

    /** A folder of the test resources. */
    public static Path folder(String name) {
        try {
            return Path.of(Golden.class.getResource("/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    public static Map<String, HostTensor> tensors(String file) {
        try {
            return Safetensors.read(folder("golden").resolve(file)).tensors();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A tensor of a file; images from NCHW to [N,H,W,C]. */
    public static Tensor device(Scope scope, HostTensor from) {
        Shape file = Shape.of(from.shape());
        Layout layout = Layout.of(file.rank());
        return scope.tensor(layout.engineShape(file), layout.toEngine(file, from.toFloats()));
    }

    /** Timesteps of a file, I64 there. */
    public static Tensor timesteps(Scope scope, HostTensor from) {
        long[] t = from.toLongs();
        int[] narrow = new int[t.length];
        for (int i = 0; i < t.length; i++) {
            narrow[i] = Math.toIntExact(t[i]);
        }
        return scope.tensor(Shape.of(t.length), narrow);
    }

    /** The values of a tensor in the file's order; images from [N,H,W,C] to NCHW. */
    public static float[] host(Tensor t) {
        return Layout.of(t.shape().rank()).toFile(t.shape(), t.toFloats());
    }

    /** Largest |got - want| is at most {@code tolerance}; says where it is otherwise. */
    public static void assertClose(String what, float[] want, float[] got, double tolerance) {
        assertEquals(want.length, got.length, what + ": number of values");
        int worst = 0;
        for (int i = 0; i < want.length; i++) {
            if (!(Math.abs((double) got[i] - want[i]) <= Math.abs((double) got[worst] - want[worst]))) {
                worst = i;
            }
        }
        double difference = Math.abs((double) got[worst] - want[worst]);
        assertTrue(
                difference <= tolerance,
                what + ": element " + worst + " is " + got[worst] + ", want " + want[worst] + ": difference "
                        + difference + " is " + difference / tolerance + " of the tolerance");
    }
}
