package ddpm.engine.backend;

/**
 * The numbers that change from one reverse step to the next, in device memory as those of {@link StepNumbers}: I32
 * [{@link #WORDS}].
 *
 * <pre>
 * word  0  1           2        3          4       5      6        7
 *       t  firstImage  x0FromX  x0FromEps  fromX0  fromX  fromEps  sigma
 * </pre>
 *
 * Words 2 to 7 are the bits of floats.
 *
 * @param t timestep of x_t
 * @param firstImage index of row 0 among all samples of the run, so that noise does not depend on the batch size
 * @param sigma standard deviation of the noise; with 0 none is drawn
 */
public record ReverseNumbers(
        int t, int firstImage, float x0FromX, float x0FromEps, float fromX0, float fromX, float fromEps, float sigma) {
    /** Size in words, 32 bytes. */
    public static final int WORDS = 8;

    public static final int T = 0;
    public static final int FIRST_IMAGE = 1;
    public static final int X0_FROM_X = 2;
    public static final int X0_FROM_EPS = 3;
    public static final int FROM_X0 = 4;
    public static final int FROM_X = 5;
    public static final int FROM_EPS = 6;
    public static final int SIGMA = 7;

    /** What lies in device memory. */
    public int[] toWords() {
        int[] words = new int[WORDS];
        words[T] = t;
        words[FIRST_IMAGE] = firstImage;
        words[X0_FROM_X] = Float.floatToRawIntBits(x0FromX);
        words[X0_FROM_EPS] = Float.floatToRawIntBits(x0FromEps);
        words[FROM_X0] = Float.floatToRawIntBits(fromX0);
        words[FROM_X] = Float.floatToRawIntBits(fromX);
        words[FROM_EPS] = Float.floatToRawIntBits(fromEps);
        words[SIGMA] = Float.floatToRawIntBits(sigma);
        return words;
    }
}
