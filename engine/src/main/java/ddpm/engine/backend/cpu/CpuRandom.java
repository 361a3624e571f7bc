package ddpm.engine.backend.cpu;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.NoiseAdd;
import ddpm.engine.backend.RandomOps;
import ddpm.engine.backend.ReverseNumbers;
import ddpm.engine.backend.ReverseStep;
import ddpm.engine.backend.StepNumbers;
import ddpm.engine.random.Normals;
import ddpm.engine.random.Permutation;
import ddpm.engine.random.Philox;
import ddpm.engine.random.Stream;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;

/** Random draws and the diffusion steps built on them, one image at a time. */
final class CpuRandom implements RandomOps {
    private final Workers workers;

    CpuRandom(Workers workers) {
        this.workers = workers;
    }

    @Override
    public void normal(long seed, Stream stream, long firstRow, long step, long rows, long columns, Buffer y) {
        workers.forEach(rows, (w, i) -> {
            float[] row = w.floats(0, (int) columns);
            Normals.fill(seed, stream, firstRow + i, step, row, 0, (int) columns);
            floats(y).put((int) (i * columns), row, 0, (int) columns);
        });
    }

    @Override
    public void noiseAdd(
            NoiseAdd g,
            Buffer numbers,
            Buffer images,
            Buffer sqrtAlphasCumprod,
            Buffer sqrtOneMinusAlphasCumprod,
            Buffer xt,
            Buffer eps,
            Buffer t) {
        IntBuffer now = ((CpuBuffer) numbers).ints();
        int position = now.get(StepNumbers.POSITION);
        int step = now.get(StepNumbers.STEP);
        Permutation order = new Permutation(g.images(), g.seed(), now.get(StepNumbers.EPOCH));
        int length = (int) (g.batch().pixels() * g.batch().c());
        workers.forEach(g.batch().n(), (w, i) -> {
            float[] x = w.floats(0, length);
            float[] noise = w.floats(1, length);
            boolean flip = g.flip() && (Philox.word(g.seed(), Stream.FLIP, i, step) & 1) != 0;
            byte[] image = w.bytes(length);
            gather(images, (long) order.at(position + i) * length, image, length);
            readImage(image, g.batch(), flip, x);
            Normals.fill(g.seed(), Stream.TRAINING_NOISE, i, step, noise, 0, length);
            int timestep = timestep(g, step, i);
            float a = floats(sqrtAlphasCumprod).get(timestep);
            float s = floats(sqrtOneMinusAlphasCumprod).get(timestep);
            floats(eps).put((int) i * length, noise, 0, length);
            blend(a, x, s, noise, length);
            floats(xt).put((int) i * length, x, 0, length);
            ((CpuBuffer) t).ints().put((int) i, timestep);
        });
    }

    /** An image from memory, or from a file that may be larger than memory. */
    private static void gather(Buffer images, long at, byte[] image, int length) {
        if (images instanceof MappedBuffer mapped) {
            mapped.file().get(at, image, length);
        } else {
            ((CpuBuffer) images).view().get(Math.toIntExact(at), image, 0, length);
        }
    }

    /** Bytes 0..255 to -1..1, mirrored left-right where asked. */
    private static void readImage(byte[] image, Nhwc g, boolean flip, float[] x) {
        int c = (int) g.c();
        int width = (int) g.w();
        for (int p = 0; p < g.pixels(); p++) {
            int source = flip ? p - p % width + width - 1 - p % width : p;
            for (int k = 0; k < c; k++) {
                x[p * c + k] = (image[source * c + k] & 0xFF) / 127.5f - 1f;
            }
        }
    }

    /** Uniform over 0 .. T-1, or over row i's stratum, from 32 random bits. */
    private static int timestep(NoiseAdd g, int step, long i) {
        long bits = Philox.word(g.seed(), Stream.TIMESTEP, i, step);
        if (g.stratified()) {
            // (i + bits / 2^32) / n * T without leaving 64 bits: n * T < 2^31
            return (int) (((i << 32 | bits) / g.batch().n() * g.timesteps()) >>> 32);
        }
        return (int) (bits * g.timesteps() >>> 32);
    }

    @Override
    public void qSample(
            Nhwc g,
            Buffer x0,
            Buffer t,
            Buffer eps,
            Buffer sqrtAlphasCumprod,
            Buffer sqrtOneMinusAlphasCumprod,
            Buffer xt) {
        int length = (int) (g.pixels() * g.c());
        workers.forEach(g.n(), (w, i) -> {
            float[] x = w.floats(0, length);
            float[] noise = w.floats(1, length);
            floats(x0).get((int) i * length, x, 0, length);
            floats(eps).get((int) i * length, noise, 0, length);
            int step = ((CpuBuffer) t).ints().get((int) i);
            blend(
                    floats(sqrtAlphasCumprod).get(step),
                    x,
                    floats(sqrtOneMinusAlphasCumprod).get(step),
                    noise,
                    length);
            floats(xt).put((int) i * length, x, 0, length);
        });
    }

    /** x = a * x + s * noise. */
    private static void blend(float a, float[] x, float s, float[] noise, int length) {
        for (int i = 0; i < length; i++) {
            x[i] = a * x[i] + s * noise[i];
        }
    }

    @Override
    public void reverseStep(ReverseStep g, Buffer numbers, Buffer xt, Buffer eps, Buffer out, Buffer x0) {
        CpuBuffer now = (CpuBuffer) numbers;
        int t = now.ints().get(ReverseNumbers.T);
        int firstImage = now.ints().get(ReverseNumbers.FIRST_IMAGE);
        float x0FromX = now.floatOfWord(ReverseNumbers.X0_FROM_X);
        float x0FromEps = now.floatOfWord(ReverseNumbers.X0_FROM_EPS);
        float fromX0 = now.floatOfWord(ReverseNumbers.FROM_X0);
        float fromX = now.floatOfWord(ReverseNumbers.FROM_X);
        float fromEps = now.floatOfWord(ReverseNumbers.FROM_EPS);
        float sigma = now.floatOfWord(ReverseNumbers.SIGMA);
        int length = (int) (g.x().pixels() * g.x().c());
        workers.forEach(g.x().n(), (w, i) -> {
            int at = (int) i * length;
            float[] x = w.floats(0, length);
            float[] e = w.floats(1, length);
            float[] z = w.floats(2, length);
            float[] estimate = w.floats(3, length);
            floats(xt).get(at, x, 0, length);
            floats(eps).get(at, e, 0, length);
            if (sigma != 0) {
                Normals.fill(g.seed(), Stream.REVERSE, (long) firstImage + i, t, z, 0, length);
            } else {
                Arrays.fill(z, 0, length, 0f);
            }
            for (int k = 0; k < length; k++) {
                float guess = x0FromX * x[k] - x0FromEps * e[k];
                estimate[k] = g.clip() ? Math.max(-1f, Math.min(1f, guess)) : guess;
                x[k] = fromX0 * estimate[k] + fromX * x[k] + fromEps * e[k] + sigma * z[k];
            }
            floats(out).put(at, x, 0, length);
            floats(x0).put(at, estimate, 0, length);
        });
    }

    private static FloatBuffer floats(Buffer b) {
        return ((CpuBuffer) b).floats();
    }
}
