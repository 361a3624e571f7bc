package ddpm.engine.backend.cuda;

import static ddpm.engine.backend.cuda.ExactMemory.normals;

import ddpm.engine.backend.cuda.ExactMemory.Cells;
import ddpm.engine.backend.cuda.kernel.Launch;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** gate.cu: three images for two rows of blocks, packs of every width, and more of them than a block has threads. */
@Tag("cuda")
@Tag("kernels")
class GateKernelsTest {
    private static final double U = 0x1p-24;
    private static final int IMAGES = 3;
    private static final int[] CHANNELS = {1, 2, 3, 4, 8, 12, 17, 24, 257, 300};
    private static final int[] PIXELS = {1, 2, 9, 65};

    private static ExactMemory memory;
    private final Random random = new Random(7);

    @BeforeAll
    static void open() {
        memory = new ExactMemory();
    }

    @AfterAll
    static void close() {
        if (memory != null) {
            memory.close();
        }
    }

    /** The result over its input, or at addresses that only single elements fit. */
    @Test
    void addGated() {
        for (int c : CHANNELS) {
            for (int pixels : PIXELS) {
                float[] x = normals(IMAGES * pixels * c, random);
                float[] b = normals(x.length, random);
                float[] gate = normals(IMAGES * c, random);
                Cells in = memory.floats(x);
                Cells y = pixels == 9 ? in : memory.result(Storage.F32, pixels % 2, x.length);
                Launch launch = memory.kernel("add_gated", Storage.F32)
                        .blocks(1 + pixels % 2, 2)
                        .threads(256);
                y.arg(memory.floats(gate).arg(memory.floats(b).arg(in.arg(launch))))
                        .arg(IMAGES)
                        .arg(pixels)
                        .arg(c)
                        .run();
                double[] want = new double[x.length];
                double[] tolerance = new double[x.length];
                for (int i = 0; i < x.length; i++) {
                    double added = (double) gate[i / (pixels * c) * c + i % c] * b[i];
                    want[i] = x[i] + added;
                    tolerance[i] = 2 * U * (Math.abs(x[i]) + Math.abs(added));
                }
                ExactMemory.near("add_gated " + pixels + "x" + c, want, memory.read(y), tolerance);
                memory.forget();
            }
        }
    }

    @Test
    void addGatedBackward() {
        for (int c : CHANNELS) {
            int widest = GroupNormCut.width(c, Float.BYTES);
            for (int pixels : PIXELS) {
                for (int width = 1; width <= widest; width *= 2) {
                    for (int perBlock : new int[] {1, 3, 256}) {
                        if (c / width > 32 * perBlock) {
                            continue; // blocks for nothing new
                        }
                        addGatedBackward(pixels, c, width, Math.min(perBlock, c / width));
                    }
                }
            }
        }
    }

    private void addGatedBackward(int pixels, int c, int width, int packsPerBlock) {
        float[] b = normals(IMAGES * pixels * c, random);
        float[] gate = normals(IMAGES * c, random);
        float[] dy = normals(b.length, random);
        double[] db = new double[b.length];
        double[] dbSize = new double[b.length];
        double[] dgate = new double[gate.length];
        double[] dgateSize = new double[gate.length];
        for (int i = 0; i < b.length; i++) {
            int of = i / (pixels * c) * c + i % c;
            db[i] = (double) dy[i] * gate[of];
            dbSize[i] = U * Math.abs(db[i]);
            dgate[of] += (double) dy[i] * b[i];
            dgateSize[of] += (pixels + 1) * U * Math.abs((double) dy[i] * b[i]);
        }
        Cells upper = memory.floats(dy);
        Cells lower = pixels == 9 ? upper : memory.result(Storage.F32, 0, b.length);
        Cells sums = memory.result(Storage.F32, 0, gate.length);
        int blocks = (c / width + packsPerBlock - 1) / packsPerBlock;
        Launch launch = memory.kernel("add_gated_backward", Storage.F32)
                .blocks(blocks, 2)
                .threads(256);
        sums.arg(lower.arg(upper.arg(memory.floats(gate).arg(memory.floats(b).arg(launch)))))
                .arg(IMAGES)
                .arg(pixels)
                .arg(c)
                .arg(packsPerBlock)
                .arg(width)
                .run();
        String what = "add_gated_backward " + pixels + "x" + c + " width " + width + " of " + packsPerBlock;
        ExactMemory.near(what + ", db", db, memory.read(lower), dbSize);
        ExactMemory.near(what + ", dgate", dgate, memory.read(sums), dgateSize);
        memory.forget();
    }
}
