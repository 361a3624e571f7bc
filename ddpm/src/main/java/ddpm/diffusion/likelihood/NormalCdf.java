package ddpm.diffusion.likelihood;

import ddpm.diffusion.Normal;

/** The probability of an interval under the standard normal distribution. */
public enum NormalCdf {
    /** The distribution function itself, with full relative precision in both tails. */
    EXACT {
        @Override
        double between(double low, double high) {
            return Normal.between(low, high);
        }

        @Override
        double below(double high) {
            return Normal.below(high);
        }

        @Override
        double above(double low) {
            return Normal.below(-low);
        }
    },
    /**
     * P(z) = (1 + tanh(sqrt(2/pi) (z + 0.044715 z^3))) / 2, which the original code of Ho et al. 2020 and the published bits
     * of Nichol &amp; Dhariwal 2021 are made with. Off by 2e-4 at most, but far too small in the tails.
     */
    TANH {
        @Override
        double between(double low, double high) {
            return 0.5 * (tanh(high) - tanh(low));
        }

        @Override
        double below(double high) {
            return 0.5 * (1 + tanh(high));
        }

        @Override
        double above(double low) {
            return 0.5 * (1 - tanh(low));
        }

        private double tanh(double z) {
            return Math.tanh(FACTOR * (z + CUBIC * z * z * z));
        }
    };

    private static final double FACTOR = Math.sqrt(2 / Math.PI);
    private static final double CUBIC = 0.044715;

    /** Of low .. high, low at most high. */
    abstract double between(double low, double high);

    abstract double below(double high);

    abstract double above(double low);
}
