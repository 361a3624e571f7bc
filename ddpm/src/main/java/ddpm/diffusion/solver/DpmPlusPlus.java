package ddpm.diffusion.solver;

/**
 * What the solvers of Lu et al. 2022 (DPM-Solver++) share. They integrate the estimate of x_0, called D, exactly against
 * lambda = log(signal / noise). A step from a level to the next ('), with h = lambda' - lambda and D linear in lambda:
 *
 * <pre>
 * next = noise' / noise * e^(-eta h) * x + signal' (1 - e^(-g)) * D + signal' c * slope + noise' sqrt(1 - e^(-2 eta h)) * z
 * g = (1 + eta) h      c = (1 - e^(-g)) / 2 (midpoint)  or  1 - (1 - e^(-g)) / g (heun)
 * </pre>
 *
 * where slope is the change of D over a step of h. eta 0 is the deterministic flow, 1 the SDE.
 *
 * @param h infinite for a step to the image
 */
record DpmPlusPlus(Level from, Level to, double eta, double h) {
    static DpmPlusPlus between(Level from, Level to, double eta) {
        return new DpmPlusPlus(from, to, eta, to.lambda() - from.lambda());
    }

    private double g() {
        return (1 + eta) * h;
    }

    double ofX() {
        return to.isImage() ? 0 : to.noise() / from.noise() * Math.exp(-fresh());
    }

    double ofD() {
        return -to.signal() * Math.expm1(-g());
    }

    double ofSlope(boolean heun) {
        double rise = -Math.expm1(-g());
        return to.signal() * (heun ? 1 - rise / g() : rise / 2);
    }

    double sd() {
        return to.isImage() ? 0 : to.noise() * Math.sqrt(-Math.expm1(-2 * fresh()));
    }

    /** eta h, also where h is infinite since nothing of the image is left at the first level. */
    private double fresh() {
        return eta == 0 ? 0 : eta * h;
    }
}
