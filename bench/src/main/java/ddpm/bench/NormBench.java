package ddpm.bench;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.GroupNorm;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.NormOps;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Group normalisation with SiLU, at the sizes of the mnist preset. Bound by memory: compare gigabytes, not gflop. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
public class NormBench {
    private static final int GROUPS = 8;

    @Param({"64x28x28x32", "64x28x28x64", "64x14x14x64", "64x7x7x128", "64x7x7x256"})
    String x;

    private Operands operands;
    private NormOps ops;
    private GroupNorm g;
    private Buffer in;
    private Buffer gamma;
    private Buffer beta;
    private Buffer y;
    private Buffer mean;
    private Buffer var;
    private Buffer dy;
    private Buffer dx;
    private Buffer dgamma;
    private Buffer dbeta;
    private double bytes;

    @Setup(Level.Trial)
    public void open() {
        operands = new Operands("fp32");
        ops = operands.backend().norm();
        Nhwc extents = Operands.nhwc(x);
        g = new GroupNorm(extents, GROUPS, 1e-5f);
        in = operands.random(extents.count());
        gamma = operands.random(extents.c());
        beta = operands.random(extents.c());
        y = operands.empty(extents.count());
        mean = operands.empty(extents.n() * GROUPS);
        var = operands.empty(extents.n() * GROUPS);
        dy = operands.random(extents.count());
        dx = operands.empty(extents.count());
        dgamma = operands.empty(extents.c());
        dbeta = operands.empty(extents.c());
        bytes = 4.0 * extents.count();
        check();
    }

    /** A shift of a whole group changes nothing, so the gradients of a group sum to zero; so does any image's dx. */
    private void check() {
        ops.groupNormSilu(g, in, gamma, beta, y, mean, var);
        ops.groupNormSiluBackward(g, in, gamma, beta, mean, var, dy, dx, dgamma, dbeta);
        float[] gradients = operands.values(dx, g.x().count());
        int image = Math.toIntExact(g.x().count() / g.x().n());
        double sum = 0;
        double scale = 0;
        for (int i = 0; i < image; i++) {
            sum += gradients[i];
            scale += Math.abs(gradients[i]);
        }
        operands.requireClose("groupNormSiluBackward", 0, sum, scale);
        double m = operands.values(mean, 1)[0];
        double v = operands.values(var, 1)[0];
        double normalised = (operands.values(in, 1)[0] - m) / Math.sqrt(v + g.eps()) * operands.values(gamma, 1)[0]
                + operands.values(beta, 1)[0];
        operands.requireClose("groupNormSilu", normalised / (1 + Math.exp(-normalised)), operands.values(y, 1)[0], 1);
    }

    /** Reads x, writes y. */
    @Benchmark
    public void forward(Rate rate) {
        ops.groupNormSilu(g, in, gamma, beta, y, mean, var);
        operands.backend().synchronize();
        rate.add(0, 2 * bytes);
    }

    /** Reads x and dy, writes dx. */
    @Benchmark
    public void backward(Rate rate) {
        ops.groupNormSiluBackward(g, in, gamma, beta, mean, var, dy, dx, dgamma, dbeta);
        operands.backend().synchronize();
        rate.add(0, 3 * bytes);
    }

    @TearDown(Level.Trial)
    public void close() {
        operands.close();
    }
}
