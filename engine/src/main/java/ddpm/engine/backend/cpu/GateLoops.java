package ddpm.engine.backend.cpu;

import static ddpm.engine.backend.cpu.memory.CpuBuffer.floats;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.cpu.team.Rows;
import ddpm.engine.backend.cpu.team.Workers;
import java.nio.FloatBuffer;
import java.util.Arrays;

/** A branch added in a share of each channel: loops with one index, an image each, see {@link Rows}. */
final class GateLoops {
    private final Workers workers;
    private final long images;
    private final int channels;
    private final int period; // elements of so many whole pixels
    private final int length; // elements of an image

    GateLoops(Workers workers, Nhwc g) {
        this.workers = workers;
        this.images = g.n();
        this.channels = (int) g.c();
        this.period = Rows.period(channels);
        this.length = Math.toIntExact(g.pixels() * g.c());
    }

    /** y = x + gate * b. */
    void forward(Buffer x, Buffer b, Buffer gate, Buffer y) {
        FloatBuffer straight = floats(x);
        FloatBuffer branch = floats(b);
        FloatBuffer out = floats(y);
        workers.forEach(images, (w, image) -> {
            float[] share = repeated(gate, image, w.floats(0, period));
            float[] part = w.floats(1, period);
            float[] added = w.floats(2, period);
            int from = (int) image * length;
            for (int done = 0; done < length; done += period) {
                int n = Math.min(period, length - done);
                straight.get(from + done, part, 0, n);
                branch.get(from + done, added, 0, n);
                for (int i = 0; i < n; i++) {
                    part[i] += share[i] * added[i];
                }
                out.put(from + done, part, 0, n);
            }
        });
    }

    /** db = gate * dy, and the sums over pixels of dy * b. */
    void backward(Buffer b, Buffer gate, Buffer dy, Buffer db, Buffer dgate) {
        FloatBuffer branch = floats(b);
        FloatBuffer up = floats(dy);
        FloatBuffer out = floats(db);
        float[] sums = new float[(int) images * channels];
        workers.forEach(images, (w, image) -> {
            float[] share = repeated(gate, image, w.floats(0, period));
            float[] part = w.floats(1, period);
            float[] upper = w.floats(2, period);
            float[] shares = w.floats(3, period);
            Arrays.fill(shares, 0, period, 0f);
            int from = (int) image * length;
            for (int done = 0; done < length; done += period) {
                int n = Math.min(period, length - done);
                branch.get(from + done, part, 0, n);
                up.get(from + done, upper, 0, n);
                for (int i = 0; i < n; i++) {
                    shares[i] += upper[i] * part[i];
                    part[i] = upper[i] * share[i];
                }
                out.put(from + done, part, 0, n);
            }
            Rows.fold(shares, channels, period);
            System.arraycopy(shares, 0, sums, (int) image * channels, channels);
        });
        floats(dgate).put(0, sums);
    }

    /** The gates of an image, a period of them. */
    private float[] repeated(Buffer gate, long image, float[] into) {
        floats(gate).get((int) image * channels, into, 0, channels);
        Rows.repeat(into, channels, period);
        return into;
    }
}
