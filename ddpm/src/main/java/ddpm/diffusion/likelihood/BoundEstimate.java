package ddpm.diffusion.likelihood;

import ddpm.diffusion.Streams;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.random.Normals;
import java.util.ArrayList;
import java.util.List;

/**
 * The bound of many images from a few calls of the network for each: one t of each range of {@link Strata}. Image i's part depends on
 * the seed and i alone, however many are asked at a time. Where every t is a range, it is the whole bound of one draw of the noise.
 */
public final class BoundEstimate {
    private final Bound bound;
    private final Strata strata;
    private final long seed;
    private final List<Double> totals = new ArrayList<>(); // bits of each image
    private final Mean prior = new Mean();
    private final Mean[] bits;
    private final Mean[] loss;

    /** @param seed of the t that are picked and of the noise */
    public BoundEstimate(Bound bound, Strata strata, long seed) {
        this.bound = bound;
        this.strata = strata;
        this.seed = seed;
        this.bits = means(strata.count());
        this.loss = means(strata.count());
    }

    private static Mean[] means(int count) {
        Mean[] means = new Mean[count];
        for (int i = 0; i < count; i++) {
            means[i] = new Mean();
        }
        return means;
    }

    /** A mean over images, and how far it may be off by chance: their standard deviation over the root of their number. */
    private static final class Mean {
        private double sum;
        private double squares;
        private int count;

        void add(double value) {
            sum += value;
            squares += value * value;
            count++;
        }

        double mean() {
            return sum / count;
        }

        double error() {
            double variance = Math.max(0, squares / count - mean() * mean());
            return count < 2 ? Double.NaN : Math.sqrt(variance / (count - 1));
        }
    }

    /**
     * Asks for the next images.
     *
     * @param network for a batch of them
     * @param x0 256 levels as -1 .. 1, [N,H,W,C]
     */
    public void add(Network network, Nhwc g, float[] x0) {
        int images = Math.toIntExact(g.n());
        int before = totals.size();
        double[] total = bound.prior(g, x0);
        for (double bitsOfPrior : total) {
            prior.add(bitsOfPrior);
        }
        for (int range = 0; range < strata.count(); range++) {
            int[] t = new int[images];
            float[] eps = new float[x0.length];
            int size = x0.length / images;
            for (int i = 0; i < images; i++) {
                t[i] = strata.pick(seed, before + i, range);
                Normals.fill(seed, Streams.BOUND_NOISE, before + i, t[i], eps, i * size, size);
            }
            Bits.Step terms = bound.step(network, g, x0, eps, t);
            for (int i = 0; i < images; i++) {
                double ofRange = strata.length(range) * terms.bits()[i];
                total[i] += ofRange;
                bits[range].add(ofRange);
                loss[range].add(terms.loss()[i]);
            }
        }
        for (double bitsOfImage : total) {
            totals.add(bitsOfImage);
        }
    }

    /** Images so far. */
    public int images() {
        return totals.size();
    }

    public Strata strata() {
        return strata;
    }

    /** Of the whole bound, in bits per dimension. */
    public Value total() {
        Mean mean = new Mean();
        totals.forEach(mean::add);
        return new Value(mean.mean(), mean.error());
    }

    /** Of the term of T. */
    public double prior() {
        return prior.mean();
    }

    /** Of all terms of a range together. */
    public Value bits(int range) {
        return new Value(bits[range].mean(), bits[range].error());
    }

    /** Mean squared error of the network's output over a range; no estimate of the image is clipped for it. */
    public Value loss(int range) {
        return new Value(loss[range].mean(), loss[range].error());
    }

    /** @param error how far off it may be by chance, one standard deviation; NaN of a single image */
    public record Value(double mean, double error) {}
}
