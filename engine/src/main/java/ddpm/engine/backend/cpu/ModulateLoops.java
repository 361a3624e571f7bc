package ddpm.engine.backend.cpu;

import static ddpm.engine.backend.cpu.memory.CpuBuffer.floats;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.cpu.team.Rows;
import ddpm.engine.backend.cpu.team.Workers;
import java.nio.FloatBuffer;
import java.util.Arrays;

/** A scale and a shift for each channel of an image: loops with one index, an image each, see {@link Rows}. */
final class ModulateLoops {
    private final Workers workers;
    private final long images;
    private final int channels;
    private final int period; // elements of so many whole pixels
    private final int length; // elements of an image

    ModulateLoops(Workers workers, Nhwc g) {
        this.workers = workers;
        this.images = g.n();
        this.channels = (int) g.c();
        this.period = Rows.period(channels);
        this.length = Math.toIntExact(g.pixels() * g.c());
    }

    /** y = x * (1 + scale) + shift. */
    void forward(Buffer x, Buffer e, Buffer y) {
        FloatBuffer in = floats(x);
        FloatBuffer out = floats(y);
        workers.forEach(images, (w, image) -> {
            float[] factor = factors(e, image, w.floats(0, period));
            float[] shift = repeated(e, 2 * image + 1, w.floats(1, period));
            float[] part = w.floats(2, period);
            int from = (int) image * length;
            for (int done = 0; done < length; done += period) {
                int n = Math.min(period, length - done);
                in.get(from + done, part, 0, n);
                for (int i = 0; i < n; i++) {
                    part[i] = part[i] * factor[i] + shift[i];
                }
                out.put(from + done, part, 0, n);
            }
        });
    }

    /** dx = dy * (1 + scale), and the sums over pixels of dy * x and of dy. */
    void backward(Buffer x, Buffer e, Buffer dy, Buffer dx, Buffer de) {
        FloatBuffer in = floats(x);
        FloatBuffer up = floats(dy);
        FloatBuffer out = floats(dx);
        float[] sums = new float[(int) images * 2 * channels];
        workers.forEach(images, (w, image) -> {
            float[] factor = factors(e, image, w.floats(0, period));
            float[] part = w.floats(1, period);
            float[] upper = w.floats(2, period);
            float[] scales = w.floats(3, period);
            float[] shifts = w.floats(4, period);
            Arrays.fill(scales, 0, period, 0f);
            Arrays.fill(shifts, 0, period, 0f);
            int from = (int) image * length;
            for (int done = 0; done < length; done += period) {
                int n = Math.min(period, length - done);
                in.get(from + done, part, 0, n);
                up.get(from + done, upper, 0, n);
                for (int i = 0; i < n; i++) {
                    scales[i] += upper[i] * part[i];
                    shifts[i] += upper[i];
                    part[i] = upper[i] * factor[i];
                }
                out.put(from + done, part, 0, n);
            }
            Rows.fold(scales, channels, period);
            Rows.fold(shifts, channels, period);
            System.arraycopy(scales, 0, sums, (int) image * 2 * channels, channels);
            System.arraycopy(shifts, 0, sums, ((int) image * 2 + 1) * channels, channels);
        });
        floats(de).put(0, sums);
    }

    /** 1 + the scales of an image, a period of them. */
    private float[] factors(Buffer e, long image, float[] into) {
        repeated(e, 2 * image, into);
        for (int i = 0; i < period; i++) {
            into[i] += 1;
        }
        return into;
    }

    /** Row {@code row} of [2N,C], a period of it. */
    private float[] repeated(Buffer e, long row, float[] into) {
        floats(e).get((int) row * channels, into, 0, channels);
        Rows.repeat(into, channels, period);
        return into;
    }
}
