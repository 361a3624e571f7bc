package ddpm.engine.backend.cpu;

import static ddpm.engine.backend.cpu.memory.CpuBuffer.floats;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.ReverseStep;
import ddpm.engine.backend.cpu.memory.CpuBuffer;
import ddpm.engine.backend.cpu.team.Worker;
import ddpm.engine.random.Exp;
import ddpm.engine.random.Normals;
import java.util.Arrays;

/** The sums of one reverse step over one image, see {@link ddpm.engine.backend.DiffusionOps#reverse}. */
final class ReverseLoops {
    private final ReverseStep g;
    private final CpuBuffer numbers;
    private final int length; // values of an image
    private final int keep;
    private final int save;

    ReverseLoops(ReverseStep g, CpuBuffer numbers) {
        this.g = g;
        this.numbers = numbers;
        this.length = (int) (g.x().pixels() * g.x().c());
        this.keep = slot(ReverseStep.KEEP);
        this.save = slot(ReverseStep.SAVE);
    }

    private int slot(int word) {
        int slot = numbers.ints().get(word);
        if (slot >= g.slots()) {
            throw new IllegalArgumentException("reverse step: writes slot " + slot + " of " + g.slots());
        }
        return slot;
    }

    private float number(int word) {
        return numbers.floatOfWord(word);
    }

    /** What a step reads of one image. */
    private record Image(int n, float[] x, float[] f, float[] x0) {}

    void step(Worker w, int n, Buffer x, Buffer f, Buffer slots, Buffer limit, Buffer next, Buffer x0) {
        Image image = image(w, n, x);
        if (g.evaluates()) {
            readOutput(f, n, 0, image.f());
            estimate(image);
            clip(image, limit);
            write(image.x0(), n, x0);
        }
        float[] sum = w.floats(3, length);
        combine(image, ReverseStep.W0, ReverseStep.WX, ReverseStep.WF, sum);
        addSlots(w, n, ReverseStep.W_SLOTS, slots, sum);
        addNoise(w, n, f, sum);
        float[] kept = w.floats(4, length);
        if (keep >= 0) {
            combine(image, ReverseStep.K0, ReverseStep.KX, ReverseStep.KF, kept);
        }
        float[] saved = w.floats(5, length);
        if (save >= 0) {
            combine(image, ReverseStep.V0, ReverseStep.VX, ReverseStep.VF, saved);
            addSlots(w, n, ReverseStep.V_SLOTS, slots, saved);
        }
        write(sum, n, next);
        if (keep >= 0) {
            write(kept, at(keep, n), slots);
        }
        if (save >= 0) {
            write(saved, at(save, n), slots);
        }
    }

    private Image image(Worker w, int n, Buffer x) {
        return new Image(n, read(w, 0, n, x), w.floats(1, length), w.floats(2, length));
    }

    private float[] read(Worker w, int scratch, int n, Buffer from) {
        float[] values = w.floats(scratch, length);
        floats(from).get(n * length, values, 0, length);
        return values;
    }

    private void write(float[] values, int n, Buffer to) {
        floats(to).put(n * length, values, 0, length);
    }

    /** F of an image, or, {@code half} 1, the second half of the channels of each pixel. */
    private void readOutput(Buffer f, int n, int half, float[] out) {
        if (!g.learned()) {
            floats(f).get(n * length, out, 0, length);
            return;
        }
        int c = (int) g.x().c();
        for (int p = 0; p < g.x().pixels(); p++) {
            floats(f).get((int) ((n * g.x().pixels() + p) * 2 + half) * c, out, p * c, c);
        }
    }

    /** x0 = a * x + b * F. */
    private void estimate(Image image) {
        float a = number(ReverseStep.A);
        float b = number(ReverseStep.B);
        for (int k = 0; k < length; k++) {
            image.x0()[k] = a * image.x()[k] + b * image.f()[k];
        }
    }

    private void clip(float[] x0, float range) {
        for (int k = 0; k < length; k++) {
            x0[k] = Math.max(-range, Math.min(range, x0[k]));
        }
    }

    private void clip(Image image, Buffer limit) {
        float[] x0 = image.x0();
        switch (g.clipping()) {
            case NONE -> {}
            case CLIP -> clip(x0, number(ReverseStep.RANGE));
            case THRESHOLD -> {
                float most = floats(limit).get(image.n());
                clip(x0, most);
                for (int k = 0; k < length; k++) {
                    x0[k] /= most;
                }
            }
        }
    }

    /** out = c0 * x0 + cx * x + cF * F as far as the network ran. @param c0 .. cf words of the factors */
    private void combine(Image image, int c0, int cx, int cf, float[] out) {
        float ofX0 = number(c0);
        float ofX = number(cx);
        float ofF = number(cf);
        float[] x = image.x();
        float[] f = image.f();
        float[] x0 = image.x0();
        if (!g.evaluates()) {
            for (int k = 0; k < length; k++) {
                out[k] = ofX * x[k];
            }
            return;
        }
        for (int k = 0; k < length; k++) {
            out[k] = ofX0 * x0[k] + ofX * x[k] + ofF * f[k];
        }
    }

    /** sum += c[j] * slots[j]; a slot without a weight may hold anything. @param first word of the weights */
    private void addSlots(Worker w, int n, int first, Buffer slots, float[] sum) {
        for (int j = 0; j < g.slots(); j++) {
            float c = number(first + j);
            if (c != 0) {
                float[] slot = read(w, 6, at(j, n), slots);
                for (int k = 0; k < length; k++) {
                    sum[k] += c * slot[k];
                }
            }
        }
    }

    /** Number of image n of a slot among the images of all slots. */
    private int at(int slot, int n) {
        return (int) (slot * g.x().n() + n);
    }

    /** sum += sd * z. */
    private void addNoise(Worker w, int n, Buffer f, float[] sum) {
        float sd = number(ReverseStep.SD);
        float[] z = w.floats(6, length);
        if (sd == 0) {
            Arrays.fill(z, 0, length, 0f);
        } else {
            long row = (long) numbers.ints().get(ReverseStep.FIRST_IMAGE) + n;
            Normals.fill(g.seed(), g.stream(), row, numbers.ints().get(ReverseStep.KEY), z, 0, length);
        }
        if (sd == 0 || !g.learned()) {
            for (int k = 0; k < length; k++) {
                sum[k] += sd * z[k];
            }
            return;
        }
        float[] v = w.floats(7, length);
        readOutput(f, n, 1, v);
        float large = number(ReverseStep.LOG_LARGE);
        float small = number(ReverseStep.LOG_SMALL);
        for (int k = 0; k < length; k++) {
            float share = (v[k] + 1f) * 0.5f;
            float root = Exp.exp(0.5f * (share * large + (1f - share) * small));
            sum[k] += sd * root * z[k];
        }
    }

    /** max(1, min(range, quantile of |x0|)) of an image. */
    float threshold(Worker w, int n, Buffer x, Buffer f) {
        Image image = image(w, n, x);
        readOutput(f, n, 0, image.f());
        estimate(image);
        float[] sizes = image.x0();
        for (int k = 0; k < length; k++) {
            sizes[k] = Math.abs(sizes[k]);
        }
        Arrays.sort(sizes, 0, length); // NaN last
        double place = (double) number(ReverseStep.QUANTILE) * (length - 1);
        int low = (int) place;
        float beyond = (float) (place - low);
        float below = sizes[low];
        float above = beyond > 0 ? sizes[low + 1] : below;
        float q = below + (above - below) * beyond;
        float range = number(ReverseStep.RANGE);
        return Math.max(1f, Math.min(range, q));
    }
}
