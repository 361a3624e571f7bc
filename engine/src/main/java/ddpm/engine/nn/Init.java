package ddpm.engine.nn;

import ddpm.engine.random.Philox;
import ddpm.engine.random.Stream;
import ddpm.engine.tensor.Shape;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Initial values of a parameter: uniform in [centre - bound, centre + bound), all equal where the bound is 0.
 *
 * @param centre mean of the values
 * @param bound largest distance from it
 */
public record Init(float centre, float bound) {
    private static final float TO_UNIT = 0x1p-23f;
    private static final int CHUNK = 1 << 15; // a multiple of the 4 words of a block

    public static Init constant(double value) {
        return new Init((float) value, 0);
    }

    public static Init uniform(double bound) {
        return new Init(0, (float) bound);
    }

    /**
     * PyTorch's default of convolutions and linear layers, kaiming_uniform_ with a = sqrt(5): bound 1 / sqrt(fan_in). He
     * et al. 2015. For a transposed convolution PyTorch takes Cout * kh * kw as the fan_in.
     *
     * @param weight extents of the layer's weight in the file; fan_in is the product of all but the first
     */
    public static Init kaimingUniform(Shape weight) {
        return uniform(1 / Math.sqrt((double) weight.count() / weight.dim(0)));
    }

    /** bound sqrt(6 / (fan_in + fan_out)). Glorot &amp; Bengio 2010, equation 16. @param weight extents [out,in] */
    public static Init xavierUniform(Shape weight) {
        return uniform(Math.sqrt(6.0 / (weight.dim(0) + weight.dim(1))));
    }

    /** The values of parameter number {@code row}, from Philox words (seed, INIT, row): one word each. */
    float[] values(int count, long seed, long row) {
        float[] out = new float[count];
        if (bound == 0) {
            Arrays.fill(out, centre);
            return out;
        }
        int chunks = (count + CHUNK - 1) / CHUNK;
        IntStream.range(0, chunks)
                .parallel() // ten million values take a core a fifth of a second
                .forEach(c -> draw(out, c * CHUNK, Math.min(count, (c + 1) * CHUNK), seed, row));
        return out;
    }

    private void draw(float[] out, int from, int to, long seed, long row) {
        int[] words = new int[4];
        for (int i = from; i < to; i++) {
            if (i % 4 == 0) {
                Philox.block(seed, Stream.INIT, row, 0, i / 4, words);
            }
            float u = (words[i % 4] >>> 8) * TO_UNIT - 1; // in [-1,1), exact
            out[i] = centre + bound * u;
        }
    }
}
