package ddpm.bench;

import ddpm.engine.backend.Backend;
import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.Precision;
import java.util.Arrays;
import java.util.SplittableRandom;

/** The memory of an operation's benchmark, and what its results are checked with. */
final class Operands implements AutoCloseable {
    private final Backend backend;
    private final SplittableRandom random = new SplittableRandom(1);

    /** @throws ddpm.UserError where the device cannot be used */
    Operands(String device, String precision) {
        this.backend = Target.open(device, precision);
    }

    Backend backend() {
        return backend;
    }

    /** Floats between -1 and 1. */
    Buffer random(long elements) {
        float[] values = new float[Math.toIntExact(elements)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return of(values);
    }

    Buffer of(float[] values) {
        Buffer buffer = empty(values.length);
        backend.memory().upload(values, buffer);
        return buffer;
    }

    Buffer of(int[] values) {
        Buffer buffer = empty(values.length);
        backend.memory().upload(values, buffer);
        return buffer;
    }

    Buffer zeros(long elements) {
        Buffer buffer = empty(elements);
        backend.memory().zero(buffer);
        return buffer;
    }

    Buffer empty(long elements) {
        return backend.memory().allocate(elements * Float.BYTES);
    }

    float[] values(Buffer buffer, long elements) {
        float[] values = new float[Math.toIntExact(elements)];
        backend.memory().download(buffer, values);
        return values;
    }

    double dot(Buffer a, Buffer b, long elements) {
        float[] x = values(a, elements);
        float[] y = values(b, elements);
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += (double) x[i] * y[i];
        }
        return sum;
    }

    /** Fails unless the two agree within a thousandth of {@code scale} (2 hundredths in bf16). */
    void requireClose(String what, double want, double got, double scale) {
        double tolerance = (backend.precision() == Precision.FP32 ? 1e-3 : 2e-2) * scale;
        if (!(Math.abs(want - got) <= tolerance)) {
            throw new IllegalStateException(what + ": " + got + ", wanted " + want + " within " + tolerance
                    + "; the timing would mean nothing");
        }
    }

    /** The extents written {@code 64x28x28x32}. */
    static Nhwc nhwc(String text) {
        long[] d = Arrays.stream(text.split("x")).mapToLong(Long::parseLong).toArray();
        return new Nhwc(d[0], d[1], d[2], d[3]);
    }

    @Override
    public void close() {
        backend.close();
    }
}
