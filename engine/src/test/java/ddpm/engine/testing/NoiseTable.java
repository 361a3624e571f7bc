package ddpm.engine.testing;

import ddpm.engine.backend.NoiseAdd;
import ddpm.engine.random.Stream;
import java.util.Random;

/** Tables of noise and the streams that draw from them, as an application would make them. */
public final class NoiseTable {
    public static final Stream NOISE = new Stream(0);
    public static final Stream TIMES = new Stream(1);
    public static final Stream FLIPS = new Stream(2);
    public static final Stream REVERSE = new Stream(6);

    private NoiseTable() {}

    /** The linear schedule of Ho et al. 2020 with {@code rows} steps and eps as the target. */
    public static float[] linear(int rows) {
        float[] table = new float[rows * NoiseAdd.COLUMNS];
        double product = 1;
        for (int t = 0; t < rows; t++) {
            product *= 1 - (1e-4 + (0.02 - 1e-4) * t / (rows - 1));
            put(table, t, t, Math.sqrt(product), Math.sqrt(1 - product), 0, 1, 1);
        }
        return table;
    }

    /** Numbers of which no two are alike, in no row what another has. */
    public static float[] random(int rows) {
        Random random = new Random(OpCheck.SEED);
        float[] table = new float[rows * NoiseAdd.COLUMNS];
        for (int t = 0; t < rows; t++) {
            double[] v = random.doubles(6, 0.1, 1).toArray();
            put(table, t, 1000 * v[0], v[1], v[2], -v[3], v[4], 5 * v[5]);
        }
        return table;
    }

    /** The same with a third of the draws of each row, a half or all but one in 2^24 going to another: unequal shares. */
    public static float[] unequal(int rows) {
        float[] table = random(rows);
        float[] shares = {0, 1 / 3f, 0.5f, 1 - 0x1p-24f};
        for (int row = 0; row < rows; row++) {
            float share = (float) (Math.rint(shares[row % 4] * 0x1p24) * 0x1p-24);
            table[row * NoiseAdd.COLUMNS + NoiseAdd.ELSEWHERE] = share;
            table[row * NoiseAdd.COLUMNS + NoiseAdd.ALIAS] = share == 0 ? 0 : (7 * row + 3) % rows;
        }
        return table;
    }

    private static void put(float[] table, int row, double... values) {
        for (int k = 0; k < values.length; k++) {
            table[row * NoiseAdd.COLUMNS + k] = (float) values[k];
        }
    }
}
