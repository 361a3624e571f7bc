package ddpm.diffusion;

import ddpm.engine.io.TensorSource;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.TensorException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The last losses of each row of a training's table, and the shares in which rows are drawn because of them: in proportion to the root
 * of their second moment, which makes the variance of the weighted loss least. Nichol &amp; Dhariwal 2021, section 3.3:
 *
 * <pre>
 * p[t] = (1 - uniform) root[t] / sum(root) + uniform / rows       root[t] = sqrt(mean of loss^2 over the last losses)
 * </pre>
 *
 * <p>Until every row has as many losses as are kept, all shares are equal. They change at {@link #refresh} only, so that steps which are
 * asked for together have the same, and they are part of {@link #sources}: a training that goes on draws as if it had not stopped.
 */
public final class LossHistory {
    private static final String PREFIX = "importance/";
    private static final String LOSSES = PREFIX + "losses";
    private static final String COUNTS = PREFIX + "counts";
    private static final String ROOTS = PREFIX + "roots";

    private final int rows;
    private final int kept;
    private final double uniform;
    private final int every;
    private final float[] losses; // [rows,kept], oldest first
    private final float[] counts; // [rows]
    private final float[] roots; // [rows], as of the last refresh

    /**
     * @param rows of the table
     * @param kept losses of each row
     * @param uniform share of draws that take every row alike
     * @param every so many steps the shares change
     */
    public LossHistory(int rows, int kept, double uniform, int every) {
        this.rows = rows;
        this.kept = kept;
        this.uniform = uniform;
        this.every = every;
        this.losses = new float[rows * kept];
        this.counts = new float[rows];
        this.roots = new float[rows];
        Arrays.fill(roots, 1);
    }

    /** Adds a loss; where there are enough, the oldest is forgotten. */
    public void add(int row, double loss) {
        int from = row * kept;
        int count = (int) counts[row];
        if (count == kept) {
            System.arraycopy(losses, from + 1, losses, from, kept - 1);
            count--;
        }
        losses[from + count] = (float) loss;
        counts[row] = count + 1;
    }

    /** Steps from {@code step}, the number of steps done, to the next at which the shares change; at least 1. */
    public int stepsAlike(long step) {
        return (int) (every - step % every);
    }

    /** Takes the losses so far into the shares, before the step after {@code step}; whether it is one at which they change. */
    public boolean refresh(long step) {
        if (step % every != 0) {
            return false;
        }
        for (float count : counts) {
            if (count < kept) {
                return false;
            }
        }
        for (int row = 0; row < rows; row++) {
            double sum = 0;
            for (int i = row * kept; i < (row + 1) * kept; i++) {
                sum += (double) losses[i] * losses[i];
            }
            roots[row] = (float) Math.sqrt(sum / kept);
        }
        return true;
    }

    /** The share of draws of each row; their sum is 1. */
    public double[] shares() {
        double sum = 0;
        for (float root : roots) {
            sum += root;
        }
        double[] shares = new double[rows];
        for (int row = 0; row < rows; row++) {
            double own = sum > 0 ? roots[row] / sum : 1.0 / rows; // where nothing costs anything, all are alike
            shares[row] = (1 - uniform) * own + uniform / rows;
        }
        return shares;
    }

    /** All that it knows, for a checkpoint. */
    public Map<String, TensorSource> sources() {
        Map<String, TensorSource> sources = new LinkedHashMap<>();
        sources.put(LOSSES, TensorSource.of(HostTensor.f32(new long[] {rows, kept}, losses.clone())));
        sources.put(COUNTS, TensorSource.of(HostTensor.f32(new long[] {rows}, counts.clone())));
        sources.put(ROOTS, TensorSource.of(HostTensor.f32(new long[] {rows}, roots.clone())));
        return sources;
    }

    /**
     * Continues where the one that gave {@link #sources} stood.
     *
     * @param from by name; other names are left to others
     * @throws TensorException where they are missing or of other settings
     */
    public void load(Map<String, HostTensor> from) {
        read(from, LOSSES, losses, rows, kept);
        read(from, COUNTS, counts, rows);
        read(from, ROOTS, roots, rows);
    }

    private static void read(Map<String, HostTensor> from, String name, float[] into, long... shape) {
        HostTensor t = from.get(name);
        if (t == null || !Arrays.equals(t.shape(), shape)) {
            throw new TensorException("has " + name + " " + (t == null ? "not at all" : Arrays.toString(t.shape()))
                    + ", needed is " + Arrays.toString(shape)
                    + "; the run began with other objective.times: leave them as they were");
        }
        System.arraycopy(t.toFloats(), 0, into, 0, into.length);
    }
}
