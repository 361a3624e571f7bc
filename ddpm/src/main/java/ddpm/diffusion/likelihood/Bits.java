package ddpm.diffusion.likelihood;

import java.util.Arrays;

/**
 * The bound of each image of a batch, in bits per dimension.
 *
 * @param steps the term of each t, 0 first
 * @param prior [N], the term of T
 */
public record Bits(Step[] steps, double[] prior) {
    /**
     * One t, or one of each image.
     *
     * @param bits [N], the term of the bound
     * @param x0Mse [N], mean squared error of the estimated images
     * @param epsMse [N], of the noise that leads from those to x_t
     * @param loss [N], of the network's output beside what it was to be: no estimate is clipped for it
     */
    public record Step(double[] bits, double[] x0Mse, double[] epsMse, double[] loss) {
        Step(int images) {
            this(new double[images], new double[images], new double[images], new double[images]);
        }
    }

    /** The whole bound of an image. */
    public double total(int image) {
        return prior[image]
                + Arrays.stream(steps).mapToDouble(s -> s.bits()[image]).sum();
    }

    /** Mean of {@link #total} over the images. */
    public double mean() {
        double sum = 0;
        for (int i = 0; i < prior.length; i++) {
            sum += total(i);
        }
        return sum / prior.length;
    }
}
