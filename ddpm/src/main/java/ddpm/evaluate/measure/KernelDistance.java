package ddpm.evaluate.measure;

/**
 * The squared maximum mean discrepancy with the kernel (gamma a.b + shift)^degree, which needs no normal distribution and is 0 on average
 * for two sets of the same source, however small they are. Bińkowski et al. 2018, section 3 (KID).
 */
public record KernelDistance(int degree, double gamma, double shift) {
    /** The paper's: (a.b / dim + 1)^3. */
    public static KernelDistance ofDim(int dim) {
        return new KernelDistance(3, 1.0 / dim, 1);
    }

    /**
     * sum over i != j of k(x_i, x_j) / (n (n - 1)), the same of y, minus twice the mean of k(x, y): without bias, and so
     * slightly negative at times.
     *
     * @param x two points or more   @param y the same
     */
    public double between(Products products, Rows x, Rows y) {
        return between(products, x, within(products, x), y);
    }

    /** As the other, where the mean within x is known: {@link #within} of it. */
    public double between(Products products, Rows x, double withinX, Rows y) {
        double pairs = (double) x.count() * y.count();
        return withinX + within(products, y) - 2 * sum(products, x, y, false) / pairs;
    }

    /** The mean of the kernel over all pairs of different points. @param x two points or more */
    public double within(Products products, Rows x) {
        if (x.count() < 2) {
            throw new IllegalArgumentException("kernel distance: needs two points or more, got " + x.count());
        }
        return sum(products, x, x, true) / ((double) x.count() * (x.count() - 1));
    }

    private double sum(Products products, Rows x, Rows y, boolean others) {
        double[] total = new double[1];
        products.forEach(x, y, new float[x.dim()], (firstX, firstY, rows, columns, p) -> {
            for (int i = 0; i < rows; i++) {
                double sum = 0;
                for (int j = 0; j < columns; j++) {
                    if (!others || firstX + i != firstY + j) {
                        double base = gamma * p[i * columns + j] + shift;
                        double k = 1;
                        for (int d = 0; d < degree; d++) {
                            k *= base;
                        }
                        sum += k;
                    }
                }
                total[0] += sum;
            }
        });
        return total[0];
    }
}
