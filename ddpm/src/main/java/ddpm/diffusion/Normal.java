package ddpm.diffusion;

import org.apache.commons.numbers.gamma.ErfDifference;
import org.apache.commons.numbers.gamma.Erfc;
import org.apache.commons.numbers.gamma.InverseErf;

/** The standard normal distribution. */
public final class Normal {
    private static final double ROOT_TWO = Math.sqrt(2);

    private Normal() {}

    /** Share of the values below z. */
    public static double below(double z) {
        return Erfc.value(-z / ROOT_TWO) / 2;
    }

    /** Share of the values from low to high, without the cancellation of a difference. */
    public static double between(double low, double high) {
        return ErfDifference.value(low / ROOT_TWO, high / ROOT_TWO) / 2;
    }

    /** The z below which a share of the values lies, in (0,1). */
    public static double quantile(double share) {
        return ROOT_TWO * InverseErf.value(2 * share - 1);
    }
}
