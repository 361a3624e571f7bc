package ddpm.engine.backend.cpu;

import static ddpm.engine.backend.cpu.memory.CpuBuffer.floats;
import static ddpm.engine.backend.cpu.memory.CpuBuffer.ints;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.DiffusionOps;
import ddpm.engine.backend.DiffusionOps.BatchNumbers;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.NoiseAdd;
import ddpm.engine.backend.ReverseStep;
import ddpm.engine.backend.cpu.memory.CpuBuffer;
import ddpm.engine.backend.cpu.memory.MappedBuffer;
import ddpm.engine.backend.cpu.team.Blocks;
import ddpm.engine.backend.cpu.team.Workers;
import ddpm.engine.random.Normals;
import ddpm.engine.random.Permutation;
import ddpm.engine.random.Philox;
import java.nio.IntBuffer;

/** Forward noising and reverse steps, one image at a time. */
final class CpuDiffusion implements DiffusionOps {
    private final Workers workers;

    CpuDiffusion(Workers workers) {
        this.workers = workers;
    }

    @Override
    public void noiseAdd(
            NoiseAdd g,
            Buffer numbers,
            Buffer images,
            Buffer table,
            Buffer xt,
            Buffer target,
            Buffer time,
            Buffer weight,
            Buffer row) {
        IntBuffer now = ints(numbers);
        int position = now.get(BatchNumbers.POSITION);
        int step = now.get(BatchNumbers.STEP);
        int firstRow = now.get(BatchNumbers.FIRST_ROW);
        Permutation order = new Permutation(g.images(), g.seed(), now.get(BatchNumbers.EPOCH));
        int length = (int) (g.batch().pixels() * g.batch().c());
        workers.forEach(g.batch().n(), (w, i) -> {
            long whole = firstRow + i; // number of the row within the whole batch
            float[] x = w.floats(0, length);
            float[] noise = w.floats(1, length);
            float[] out = w.floats(2, length);
            boolean flip = g.flip() && (Philox.word(g.seed(), g.flips(), whole, step) & 1) != 0;
            byte[] image = w.bytes(length);
            gather(images, (long) order.at(position + i) * length, image, length);
            readImage(image, g.batch(), flip, x);
            Normals.fill(g.seed(), g.noise(), whole, step, noise, 0, length);
            int drawn = drawRow(g, table, step, whole);
            blend(entry(table, drawn, NoiseAdd.SIGNAL), x, entry(table, drawn, NoiseAdd.NOISE), noise, out, length);
            floats(xt).put((int) i * length, out, 0, length);
            blend(
                    entry(table, drawn, NoiseAdd.TARGET_X0),
                    x,
                    entry(table, drawn, NoiseAdd.TARGET_EPS),
                    noise,
                    out,
                    length);
            floats(target).put((int) i * length, out, 0, length);
            floats(time).put((int) i, entry(table, drawn, NoiseAdd.TIME));
            floats(weight).put((int) i, entry(table, drawn, NoiseAdd.WEIGHT));
            ints(row).put((int) i, drawn);
        });
    }

    private static float entry(Buffer table, int row, int column) {
        return floats(table).get(row * NoiseAdd.COLUMNS + column);
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

    /** Uniform over the table, or over the row's stratum, from 32 random bits; then from 24 others whether it is the row's alias. */
    private static int drawRow(NoiseAdd g, Buffer table, int step, long whole) {
        int[] words = new int[4];
        Philox.block(g.seed(), g.times(), whole, step, 0, words);
        int drawn = drawRow(g, words[0] & 0xFFFFFFFFL, whole);
        return (words[1] >>> 8) < entry(table, drawn, NoiseAdd.ELSEWHERE) * 0x1p24f
                ? (int) entry(table, drawn, NoiseAdd.ALIAS)
                : drawn;
    }

    private static int drawRow(NoiseAdd g, long bits, long whole) {
        if (g.stratified()) {
            // (whole + bits / 2^32) / g.whole * rows without leaving 64 bits: g.whole and rows are below 2^31
            return (int) (((whole << 32 | bits) / g.whole() * g.rows()) >>> 32);
        }
        return (int) (bits * g.rows() >>> 32);
    }

    @Override
    public void qSample(Nhwc g, Buffer x0, Buffer row, Buffer eps, Buffer table, Buffer xt) {
        int length = (int) (g.pixels() * g.c());
        workers.forEach(g.n(), (w, i) -> {
            float[] x = w.floats(0, length);
            float[] noise = w.floats(1, length);
            floats(x0).get((int) i * length, x, 0, length);
            floats(eps).get((int) i * length, noise, 0, length);
            int drawn = ints(row).get((int) i);
            blend(entry(table, drawn, NoiseAdd.SIGNAL), x, entry(table, drawn, NoiseAdd.NOISE), noise, x, length);
            floats(xt).put((int) i * length, x, 0, length);
        });
    }

    /** out = a * x + s * noise. */
    private static void blend(float a, float[] x, float s, float[] noise, float[] out, int length) {
        for (int i = 0; i < length; i++) {
            out[i] = a * x[i] + s * noise[i];
        }
    }

    @Override
    public void reverse(
            ReverseStep g, Buffer numbers, Buffer x, Buffer f, Buffer slots, Buffer limit, Buffer next, Buffer x0) {
        ReverseLoops loops = new ReverseLoops(g, (CpuBuffer) numbers);
        workers.forEach(g.x().n(), (w, i) -> loops.step(w, (int) i, x, f, slots, limit, next, x0));
    }

    @Override
    public void threshold(ReverseStep g, Buffer numbers, Buffer x, Buffer f, Buffer limit) {
        ReverseLoops loops = new ReverseLoops(g, (CpuBuffer) numbers);
        workers.forEach(g.x().n(), (w, i) -> floats(limit).put((int) i, loops.threshold(w, (int) i, x, f)));
    }

    @Override
    public void scale(long n, Buffer numbers, Buffer x, Buffer y) {
        float factor = ((CpuBuffer) numbers).floatOfWord(ReverseStep.INPUT_SCALE);
        new Blocks(workers).forEach(n, (w, at, length) -> {
            float[] values = Blocks.read(w, 0, x, at, length);
            for (int i = 0; i < length; i++) {
                values[i] *= factor;
            }
            floats(y).put(at, values, 0, length);
        });
    }
}
