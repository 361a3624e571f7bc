package ddpm.verify.network;

import ddpm.engine.nn.Parameter;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The generated weights and images of unet_full_*: SplitMix64 (Steele et al. 2014) of a tensor's and an element's number. */
public final class FormulaWeights {
    /** Number of the tensor that is the input. */
    static final long X = 1_000_000;

    static final long TARGET = 1_000_001;

    private FormulaWeights() {}

    /** u of tensor k, element i, in [-1,1). */
    public static double u(long seed, long k, long i) {
        long z = seed + ((k << 32) + i + 1) * 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        z = z ^ (z >>> 31);
        return (z >>> 40) * 0x1p-23 - 1;
    }

    /** Values for all parameters; names are ASCII, so the order of String is that of the bytes. */
    public static Map<String, HostTensor> of(List<Parameter> parameters, long seed) {
        TreeMap<String, Shape> shapes = new TreeMap<>();
        parameters.forEach(p -> shapes.put(p.name(), p.fileShape()));
        Map<String, HostTensor> weights = new TreeMap<>();
        long k = 0;
        for (var e : shapes.entrySet()) {
            weights.put(e.getKey(), one(e.getKey(), e.getValue(), seed, k++));
        }
        return weights;
    }

    /** u of tensor number {@code k} in row-major order. @param k {@link #X} or {@link #TARGET} */
    static float[] image(long seed, long k, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) u(seed, k, i);
        }
        return values;
    }

    private static HostTensor one(String name, Shape shape, long seed, long k) {
        float[] values = new float[Math.toIntExact(shape.count())];
        double bound = 1 / Math.sqrt((double) shape.count() / shape.dim(0));
        for (int i = 0; i < values.length; i++) {
            double u = u(seed, k, i);
            boolean flat = shape.rank() == 1;
            values[i] = (float) (!flat ? u * bound : name.endsWith(".weight") ? 1 + 0.1 * u : 0.05 * u);
        }
        return HostTensor.f32(shape.toArray(), values);
    }
}
