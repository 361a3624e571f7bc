package ddpm.evaluate.measure;

/**
 * Which points lie in which balls. A pair that float32 cannot decide is decided in double.
 *
 * @param inside of each point, whether any ball holds it
 * @param holds of each ball, whether it holds any point
 * @param pairs ball and point in it
 */
public record Balls(boolean[] inside, boolean[] holds, long pairs) {
    /**
     * @param centres of the balls
     * @param radius of each
     * @param closed whether a point on the surface is in the ball
     */
    static Balls of(Products products, Rows centres, double[] radius, Rows points, boolean closed) {
        boolean[] inside = new boolean[points.count()];
        boolean[] holds = new boolean[centres.count()];
        long[] pairs = new long[1];
        products.distances(centres, points, (firstC, firstP, rows, columns, squared, uncertain) -> {
            for (int i = 0; i < rows; i++) {
                double r = radius[firstC + i];
                for (int j = 0; j < columns; j++) {
                    double d = squared[i * columns + j] - r * r;
                    boolean in = d < 0;
                    if (Math.abs(d) <= uncertain) {
                        double exact = Products.exact(centres, firstC + i, points, firstP + j);
                        in = closed ? exact <= r : exact < r;
                    }
                    if (in) {
                        inside[firstP + j] = true;
                        holds[firstC + i] = true;
                        pairs[0]++;
                    }
                }
            }
        });
        return new Balls(inside, holds, pairs[0]);
    }

    static double share(boolean[] which) {
        int count = 0;
        for (boolean one : which) {
            count += one ? 1 : 0;
        }
        return (double) count / which.length;
    }
}
