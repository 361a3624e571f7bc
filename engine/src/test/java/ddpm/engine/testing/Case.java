package ddpm.engine.testing;

/**
 * What a tolerance may depend on.
 *
 * @param result {@code y}, or {@code d} + the name of an input
 * @param u unit roundoff of the operands of matrix products and convolutions; all else is {@link OpCheck#U}
 * @param terms the longest sum
 * @param scale the largest |want| or partial sum
 * @param in the inputs, and the upstream gradient as {@code dy}
 */
public record Case(String result, double u, long terms, double scale, In<double[]> in) {
    public boolean isForward() {
        return result.equals("y");
    }

    /** Largest absolute value of an input. */
    public double max(String input) {
        double max = 0;
        for (double v : in.get(input)) {
            max = Math.max(max, Math.abs(v));
        }
        return max;
    }

    /** Root mean square of an input. */
    public double rms(String input) {
        double sum = 0;
        for (double v : in.get(input)) {
            sum += v * v;
        }
        return Math.sqrt(sum / in.get(input).length);
    }

    /** What partial sums of {@code terms} independent values of a size reach, even where they cancel in the end. */
    public double sumOf(double size) {
        return Math.sqrt(terms) * size;
    }
}
