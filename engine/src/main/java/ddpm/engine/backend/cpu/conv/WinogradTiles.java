package ddpm.engine.backend.cpu.conv;

import ddpm.engine.backend.cpu.team.Rows;
import ddpm.engine.backend.cpu.team.Worker;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * The transforms of Winograd's F(4x4,3x3) between images and tiles: a tile is 6x6 pixels of x or 4x4 of y, and
 * neighbouring tiles of x overlap by two pixels. Pixels beyond the image are zeros.
 *
 * <p>A vector is one place of all tiles of a row of tiles, all channels: its loops are long and have one index
 * (docs/decisions/0005). Rows are cut into such vectors by copies of a pixel's channels.
 */
final class WinogradTiles {
    private static final int SIDE = WinogradPoints.SIDE;
    private static final int STEP = WinogradPoints.STEP;

    // scratch arrays of a thread
    private static final int PIXELS = 0;
    private static final int IN = 1;
    private static final int OUT = IN + SIDE;
    private static final int ROWS = OUT + SIDE;
    private static final int BIAS = ROWS + SIDE * SIDE;

    private final int h;
    private final int w;
    private final int c;
    private final int down; // rows of tiles
    private final int across; // tiles in a row
    private final int length; // of a vector

    WinogradTiles(long h, long w, long c) {
        this.h = (int) h;
        this.w = (int) w;
        this.c = (int) c;
        this.down = (this.h + STEP - 1) / STEP;
        this.across = (this.w + STEP - 1) / STEP;
        this.length = across * this.c;
    }

    /** Tiles of an image. */
    int tiles() {
        return down * across;
    }

    /**
     * B^T d B of images.
     *
     * @param x in, images [count,H,W,C] from float {@code from} on
     * @param v out, [36,count,tiles,C]
     */
    void input(Worker worker, FloatBuffer x, int from, int count, FloatBuffer v) {
        float[][] in = worker.floats(IN, SIDE, length);
        float[][][] rows = rows(worker);
        for (int n = 0; n < count; n++) {
            for (int tile = 0; tile < down; tile++) {
                int known = tile == 0 ? 0 : SIDE - STEP; // rows that the tile above has too
                rotate(rows, STEP, known);
                for (int r = known; r < SIDE; r++) {
                    pixels(worker, x, from + n * h * w * c, STEP * tile + r - 1, -1, in);
                    WinogradPoints.input(in, rows[r], length);
                }
                columns(worker, rows, SIDE, WinogradPoints::input, v, count, n * down + tile);
            }
        }
    }

    /**
     * A dy A^T of images.
     *
     * @param dy in, images [count,H,W,C] from float {@code from} on
     * @param m out, [36,count,tiles,C]
     */
    void gradient(Worker worker, FloatBuffer dy, int from, int count, FloatBuffer m) {
        float[][] in = worker.floats(IN, STEP, length);
        float[][][] rows = rows(worker);
        for (int n = 0; n < count; n++) {
            for (int tile = 0; tile < down; tile++) {
                for (int r = 0; r < STEP; r++) {
                    pixels(worker, dy, from + n * h * w * c, STEP * tile + r, 0, in);
                    WinogradPoints.gradient(in, rows[r], length);
                }
                columns(worker, rows, STEP, WinogradPoints::gradient, m, count, n * down + tile);
            }
        }
    }

    /** SIDE vectors for each of SIDE rows. */
    private float[][][] rows(Worker worker) {
        float[][][] rows = new float[SIDE][][];
        for (int r = 0; r < SIDE; r++) {
            rows[r] = worker.floats(ROWS + SIDE * r, SIDE, length);
        }
        return rows;
    }

    /** Exchanges the first {@code count} rows for those from row {@code by} on. */
    private static void rotate(float[][][] rows, int by, int count) {
        for (int r = 0; r < count; r++) {
            float[][] old = rows[r];
            rows[r] = rows[r + by];
            rows[r + by] = old;
        }
    }

    /** Row y of an image as vectors: number k has the pixels {@code shift} + k, + k + 4, .. */
    private void pixels(Worker worker, FloatBuffer x, int image, int y, int shift, float[][] vectors) {
        if (y < 0 || y >= h) {
            for (float[] v : vectors) {
                Arrays.fill(v, 0, length, 0f);
            }
            return;
        }
        float[] row = worker.floats(PIXELS, w * c);
        x.get(image + y * w * c, row, 0, w * c);
        for (int k = 0; k < vectors.length; k++) {
            for (int tile = 0; tile < across; tile++) {
                int p = STEP * tile + k + shift;
                if (p >= 0 && p < w) {
                    System.arraycopy(row, p * c, vectors[k], tile * c, c);
                } else {
                    Arrays.fill(vectors[k], tile * c, (tile + 1) * c, 0f);
                }
            }
        }
    }

    private interface Transform {
        void run(float[][] in, float[][] out, int n);
    }

    /** The second dimension, of a row of tiles into all places. */
    private void columns(
            Worker worker, float[][][] rows, int count, Transform transform, FloatBuffer places, int images, int at) {
        float[][] column = new float[count][];
        float[][] out = worker.floats(OUT, SIDE, length);
        int place = images * down * length;
        for (int q = 0; q < SIDE; q++) {
            for (int r = 0; r < count; r++) {
                column[r] = rows[r][q];
            }
            transform.run(column, out, length);
            for (int r = 0; r < SIDE; r++) {
                places.put((SIDE * r + q) * place + at * length, out[r], 0, length);
            }
        }
    }

    /**
     * A^T m A + bias of images.
     *
     * @param m in, [36,count,tiles,C]
     * @param bias C values, or null
     * @param y out, images [count,H,W,C] from float {@code from} on
     */
    void output(Worker worker, FloatBuffer m, float[] bias, FloatBuffer y, int from, int count) {
        float[][] in = worker.floats(IN, SIDE, length);
        float[][] out = worker.floats(OUT, STEP, length);
        float[][][] rows = rows(worker);
        float[] pixels = worker.floats(PIXELS, w * c);
        float[] repeated = repeated(worker, bias);
        int place = count * down * length;
        for (int n = 0; n < count; n++) {
            for (int tile = 0; tile < down; tile++) {
                for (int q = 0; q < SIDE; q++) {
                    for (int r = 0; r < SIDE; r++) {
                        m.get((SIDE * r + q) * place + (n * down + tile) * length, in[r], 0, length);
                    }
                    WinogradPoints.output(in, out, length);
                    for (int r = 0; r < STEP; r++) { // its result becomes column q of row r
                        float[] free = rows[r][q];
                        rows[r][q] = out[r];
                        out[r] = free;
                    }
                }
                for (int r = 0; r < Math.min(STEP, h - STEP * tile); r++) {
                    WinogradPoints.output(rows[r], out, length);
                    join(out, pixels);
                    if (bias != null) {
                        WinogradPoints.add(repeated, pixels, w * c);
                    }
                    y.put(from + (n * h + STEP * tile + r) * w * c, pixels, 0, w * c);
                }
            }
        }
    }

    private float[] repeated(Worker worker, float[] bias) {
        float[] row = worker.floats(BIAS, w * c);
        if (bias != null) {
            System.arraycopy(bias, 0, row, 0, c);
            Rows.repeat(row, c, w * c);
        }
        return row;
    }

    private void join(float[][] vectors, float[] row) {
        for (int p = 0; p < w; p++) {
            System.arraycopy(vectors[p % STEP], p / STEP * c, row, p * c, c);
        }
    }
}
