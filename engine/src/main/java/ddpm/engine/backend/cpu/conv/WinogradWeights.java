package ddpm.engine.backend.cpu.conv;

import ddpm.engine.backend.cpu.memory.CpuBuffer;
import ddpm.engine.backend.cpu.team.Worker;
import java.nio.FloatBuffer;
import java.util.List;

/** Weights of 3x3 to the places of Winograd's tiles, G g G^T, and gradients back: element by element. */
final class WinogradWeights {
    private static final int SIDE = WinogradPoints.SIDE;
    private static final int SIZE = WinogradPoints.TAPS;

    /** Taps of the weights. */
    static final int TAPS = SIZE * SIZE;

    /** Places of a tile. */
    static final int PLACES = SIDE * SIDE;

    private WinogradWeights() {}

    /**
     * Elements at .. at + n of each vector.
     *
     * @param taps in, [9,length]
     * @param places out, [36,length]
     */
    static void transform(Worker w, FloatBuffer taps, FloatBuffer places, int length, int at, int n) {
        float[][] in = w.floats(0, SIZE, n);
        float[][] out = w.floats(SIZE, SIDE, n);
        float[][][] rows = new float[SIZE][][]; // by column of the weights
        for (int k = 0; k < SIZE; k++) {
            for (int r = 0; r < SIZE; r++) {
                taps.get((SIZE * r + k) * length + at, in[r], 0, n);
            }
            rows[k] = w.floats(SIZE + SIDE * (k + 1), SIDE, n);
            WinogradPoints.weights(in, rows[k], n);
        }
        for (int r = 0; r < SIDE; r++) {
            WinogradPoints.weights(new float[][] {rows[0][r], rows[1][r], rows[2][r]}, out, n);
            for (int q = 0; q < SIDE; q++) {
                places.put((SIDE * r + q) * length + at, out[q], 0, n);
            }
        }
    }

    /**
     * The weights of {@code count} output channels from {@code first} on.
     *
     * @param places in, each [36,O,I]: their sum, added in order
     * @param dw out, [O,9,I]
     */
    static void gradient(
            Worker w, List<CpuBuffer> places, FloatBuffer dw, int outputs, int inputs, int first, int count) {
        int n = count * inputs;
        float[][] in = w.floats(0, SIDE, n);
        float[][] out = w.floats(SIDE, SIZE, n);
        float[] part = w.floats(SIDE + SIZE * (SIDE + 1), n);
        float[][][] rows = new float[SIDE][][]; // by column of the tile
        for (int q = 0; q < SIDE; q++) {
            for (int r = 0; r < SIDE; r++) {
                int at = ((SIDE * r + q) * outputs + first) * inputs;
                places.get(0).floats().get(at, in[r], 0, n);
                for (int i = 1; i < places.size(); i++) {
                    places.get(i).floats().get(at, part, 0, n);
                    WinogradPoints.add(part, in[r], n);
                }
            }
            rows[q] = w.floats(SIDE + SIZE * (q + 1), SIZE, n);
            WinogradPoints.weightsGradient(in, rows[q], n);
        }
        for (int r = 0; r < SIZE; r++) {
            float[][] row = new float[SIDE][];
            for (int q = 0; q < SIDE; q++) {
                row[q] = rows[q][r];
            }
            WinogradPoints.weightsGradient(row, out, n);
            for (int k = 0; k < SIZE; k++) {
                for (int o = 0; o < count; o++) {
                    dw.put((TAPS * (first + o) + SIZE * r + k) * inputs, out[k], o * inputs, inputs);
                }
            }
        }
    }
}
