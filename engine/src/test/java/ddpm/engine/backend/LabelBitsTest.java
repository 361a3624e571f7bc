package ddpm.engine.backend;

import ddpm.engine.backend.DiffusionOps.BatchNumbers;
import ddpm.engine.backend.LabelOps.Guide;
import ddpm.engine.backend.LabelOps.LabelDraw;
import ddpm.engine.backend.LabelOps.Labels;
import ddpm.engine.random.Stream;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachDevice;
import ddpm.engine.testing.OpCheck;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;

/** The label family gives on every device the bits that it gives on the CPU. */
@Tag("kernels")
class LabelBitsTest {
    private static final long SEED = 0xF00D_5EED_0BAD_CAFEL; // both halves of the key have their top bit set

    @OnEachDevice
    void embedding(Device device) {
        for (int[] e : new int[][] {{1, 1, 1}, {5, 3, 7}, {64, 10, 33}, {300, 2, 40}}) { // n, classes, dim
            Labels g = new Labels(e[0], e[1], e[2]);
            int[] label = new Random(OpCheck.SEED).ints(e[0], -2, e[1] + 1).toArray();
            SameBits.check(device, g.toString(), scope -> {
                Tensor of = scope.tensor(Shape.of(g.n()), label);
                Tensor y = scope.empty(Shape.of(g.n(), g.dim()));
                Tensor dtable = scope.empty(Shape.of(g.classes(), g.dim()));
                LabelOps ops = scope.backend().label();
                ops.embedding(g, of.buffer(), gaussians(scope, g.classes() * g.dim(), 1), y.buffer());
                ops.embeddingBackward(g, of.buffer(), gaussians(scope, g.n() * g.dim(), 2), dtable.buffer());
                return List.of(y, dtable);
            });
        }
    }

    /** Shares of nothing, of everything and between; a batch that runs past the end of its epoch. */
    @OnEachDevice
    void draw(Device device) {
        for (double dropout : new double[] {0, 1e-3, 0.1, 0.5, 1}) {
            for (int[] p :
                    new int[][] {{1, 1, 0, 0}, {7, 1000, 3, 0}, {700, 70_001, 60_000, 1_999_999_300}, {9, 12, 8, 2}}) {
                LabelDraw g = new LabelDraw(p[0], p[1], SEED, dropout, new Stream(7)); // n, images, position, first row
                int[] labels = new Random(OpCheck.SEED).ints(p[1], -1, 10).toArray();
                SameBits.check(device, g.toString(), scope -> {
                    Tensor label = scope.allocate(Shape.of(g.n()), DType.I32, false);
                    int[] now = new BatchNumbers(7, p[2], 123, p[3]).toWords();
                    scope.backend()
                            .label()
                            .draw(
                                    g,
                                    scope.tensor(Shape.of(now.length), now).buffer(),
                                    scope.tensor(Shape.of(labels.length), labels)
                                            .buffer(),
                                    label.buffer());
                    return List.of(label);
                });
            }
        }
    }

    /** Fewer values than lanes, as many, and more; all channels and some of them. */
    @OnEachDevice
    void guide(Device device) {
        for (Nhwc out :
                List.of(new Nhwc(1, 1, 1, 1), new Nhwc(3, 5, 3, 2), new Nhwc(2, 16, 16, 1), new Nhwc(2, 33, 31, 6))) {
            for (long guided = out.c(); guided >= 1; guided /= 2) {
                for (float rescale : new float[] {0, 0.7f, 1}) {
                    Guide g = new Guide(out, guided, 2.3f, rescale);
                    SameBits.check(device, g.toString(), scope -> {
                        Tensor y = scope.empty(Shape.of(out));
                        Tensor factor = scope.zeros(Shape.of(out.n()));
                        scope.backend()
                                .label()
                                .guide(g, gaussians(scope, 2 * out.count(), 3), factor.buffer(), y.buffer());
                        return List.of(y, factor);
                    });
                }
            }
        }
    }

    @OnEachDevice
    void twice(Device device) {
        for (long n : new long[] {1, 5, 1023, 1025, 40_001}) {
            SameBits.check(device, "twice " + n, scope -> {
                Tensor y = scope.empty(Shape.of(2 * n));
                scope.backend().label().twice(n, gaussians(scope, n, 4), y.buffer());
                return List.of(y);
            });
        }
    }

    private static Buffer gaussians(Scope scope, long count, int which) {
        return scope.tensor(Shape.of(count), SameBits.values(count, which)).buffer();
    }
}
