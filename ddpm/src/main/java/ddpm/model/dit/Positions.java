package ddpm.model.dit;

import ddpm.engine.tensor.Shape;

/**
 * Where a patch lies, in sines and cosines: of the D numbers of a token the first half tells its column, the second its row, each as
 * sin(p / f_k), then cos(p / f_k) with f_k = 10000^(k / (D/4)). The table of get_2d_sincos_pos_embed in facebookresearch/DiT; Vaswani et
 * al. 2017, section 3.5, for two dimensions.
 */
final class Positions {
    private Positions() {}

    /** Extents of the table, those of {@code pos_embed}. */
    static Shape shape(DiTConfig config) {
        return Shape.of(1, (long) config.rows() * config.columns(), config.hiddenSize());
    }

    /** The table, a row of D for each patch, row by row of the image. */
    static float[] table(DiTConfig config) {
        int half = config.hiddenSize() / 2;
        float[] table = new float[Math.toIntExact(shape(config).count())];
        for (int row = 0; row < config.rows(); row++) {
            for (int column = 0; column < config.columns(); column++) {
                int at = (row * config.columns() + column) * config.hiddenSize();
                waves(column, half, table, at);
                waves(row, half, table, at + half);
            }
        }
        return table;
    }

    private static void waves(int position, int count, float[] into, int at) {
        int sines = count / 2;
        for (int k = 0; k < sines; k++) {
            double angle = position / Math.pow(10_000, (double) k / sines);
            into[at + k] = (float) Math.sin(angle);
            into[at + sines + k] = (float) Math.cos(angle);
        }
    }
}
