package ddpm.evaluate.measure;

/**
 * A set of points taken for a region: a ball around each, to its k-th nearest neighbour. Precision is how many generated points lie
 * in the region of the reference, recall how many of the reference in that of the generated. Kynkäänniemi et al. 2019, section
 * 2.
 *
 * @param generated of the generated points, whether they are in the reference's region
 * @param reference of the reference points, whether they are in the generated region
 */
public record Manifolds(boolean[] generated, boolean[] reference) {
    /** What the papers take. */
    public static final int K = 3;

    /** As {@link #K}, for {@link Density}. */
    public static final int DENSITY_K = 5;

    /** The fewest images of which a third still has {@link #DENSITY_K} neighbours to spare. */
    public static final int FEWEST = 30;

    /** Of sets with more than {@code k} points each. */
    public static Manifolds of(Products products, Rows reference, Rows generated, int k) {
        double[] ofReference = Nearest.among(products, reference, k).distances(k);
        double[] ofGenerated = Nearest.among(products, generated, k).distances(k);
        return new Manifolds(
                Balls.of(products, reference, ofReference, generated, true).inside(),
                Balls.of(products, generated, ofGenerated, reference, true).inside());
    }

    public double precision() {
        return Balls.share(generated);
    }

    public double recall() {
        return Balls.share(reference);
    }

    /**
     * Density counts in how many balls of the reference a generated point lies, 1 on average for two sets of one source; coverage
     * is the share of those balls that hold a generated point. A single outlier of the reference matters for neither. Naeem et al.
     * 2020, section 3.
     */
    public record Density(double density, double coverage) {
        /** @param reference more than {@code k} points */
        public static Density of(Products products, Rows reference, Rows generated, int k) {
            double[] radius = Nearest.among(products, reference, k).distances(k);
            Balls balls = Balls.of(products, reference, radius, generated, false);
            return new Density(balls.pairs() / ((double) k * generated.count()), Balls.share(balls.holds()));
        }
    }
}
