package ddpm.evaluate;

import ddpm.evaluate.measure.Gaussian;
import ddpm.evaluate.measure.KernelDistance;
import ddpm.evaluate.measure.Manifolds;
import ddpm.evaluate.measure.Products;
import ddpm.evaluate.measure.Rows;

/**
 * How close the features of images are to those of real ones.
 *
 * @param frechet Fréchet distance, see {@link Gaussian#distance}
 * @param kid see {@link KernelDistance}
 * @param precision see {@link Manifolds}   @param recall the same
 * @param density see {@link Manifolds.Density}   @param coverage the same
 */
record Closeness(double frechet, double kid, double precision, double recall, double density, double coverage) {
    /** Images that Fréchet and kernel distance compare with at most. */
    static final int REFERENCE = 10_000;

    /**
     * Features of real images, moved and scaled to a mean of 0 and a variance of 1 on average over their numbers: networks make features
     * of any size, and distances would be as large.
     *
     * @param mean of the features as the network makes them   @param scale that they are multiplied by
     * @param within {@link KernelDistance#within} of the rows
     */
    record Reference(Rows rows, Gaussian gaussian, float[] mean, float scale, double within) {
        static Reference of(Products products, Rows features) {
            Gaussian raw = Gaussian.of(features);
            float[] mean = new float[features.dim()];
            for (int k = 0; k < mean.length; k++) {
                mean[k] = (float) raw.mean()[k];
            }
            double variance = raw.trace() / features.dim();
            float scale = (float) (variance == 0 ? 1 : 1 / Math.sqrt(variance));
            Rows standard = standard(features, mean, scale);
            double within = KernelDistance.ofDim(features.dim()).within(products, standard);
            return new Reference(standard, Gaussian.of(standard), mean, scale, within);
        }

        /** Other features, moved and scaled as these were. */
        Rows standard(Rows features) {
            return standard(features, mean, scale);
        }

        private static Rows standard(Rows features, float[] mean, float scale) {
            int dim = mean.length;
            float[] values = new float[features.count() * dim];
            for (int i = 0; i < features.count(); i++) {
                features.copy(i, values, i * dim);
                for (int k = 0; k < dim; k++) {
                    values[i * dim + k] = (values[i * dim + k] - mean[k]) * scale;
                }
            }
            return Rows.of(dim, values);
        }
    }

    /** @param images features, {@link Reference#standard}; the regions are made from as many of the reference */
    static Closeness of(Products products, Reference reference, Rows images) {
        Rows as = reference.rows.part(0, Math.min(images.count(), reference.rows.count()));
        Manifolds manifolds = Manifolds.of(products, as, images, Manifolds.K);
        Manifolds.Density density = Manifolds.Density.of(products, as, images, Manifolds.DENSITY_K);
        return new Closeness(
                reference.gaussian.distance(Gaussian.of(images)),
                KernelDistance.ofDim(images.dim()).between(products, reference.rows, reference.within, images),
                manifolds.precision(),
                manifolds.recall(),
                density.density(),
                density.coverage());
    }

    /** The whole set, and each third of it. @param thirds three */
    record Spread(Closeness whole, Closeness[] thirds) {
        /** @param features as the network makes them */
        static Spread of(Products products, Reference reference, Rows features) {
            Rows images = reference.standard(features);
            Closeness[] thirds = new Closeness[3];
            for (int i = 0; i < 3; i++) {
                int from = i * images.count() / 3;
                int to = (i + 1) * images.count() / 3;
                thirds[i] = Closeness.of(products, reference, images.part(from, to));
            }
            return new Spread(Closeness.of(products, reference, images), thirds);
        }

        /** How far the number of the whole set may be off by chance: the thirds' standard deviation over the root of 3. */
        double error(Quantity of) {
            double mean = 0;
            for (Closeness third : thirds) {
                mean += of.of(third) / 3;
            }
            double squares = 0;
            for (Closeness third : thirds) {
                squares += Math.pow(of.of(third) - mean, 2);
            }
            return Math.sqrt(squares / 2 / 3);
        }
    }
}
