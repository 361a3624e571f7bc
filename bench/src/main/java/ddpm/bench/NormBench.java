package ddpm.bench;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.NormOps;
import ddpm.engine.backend.NormOps.Activation;
import ddpm.engine.backend.NormOps.GroupNorm;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Group normalisation, alone and with SiLU, at the sizes of the mnist preset. Bound by memory: compare gigabytes. */
public class NormBench extends OpBench {
    private static final int GROUPS = 8;

    @Param({"64x28x28x32", "64x28x28x64", "64x14x14x64", "64x7x7x128", "64x7x7x256"})
    String x;

    private NormOps ops;
    private GroupNorm g;
    private GroupNorm silu;
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

    @Override
    void prepare(Operands operands) {
        ops = operands.backend().norm();
        Nhwc extents = Operands.nhwc(x);
        g = new GroupNorm(extents, GROUPS, 1e-5f);
        silu = g.then(Activation.SILU);
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
    }

    /** A shift of a whole group changes nothing, so the gradients of a group sum to zero; so does any image's dx. */
    @Override
    void check(Operands operands) {
        ops.groupNorm(g, in, gamma, beta, y, mean, var);
        operands.requireClose("groupNorm", normalised(operands), operands.values(y, 1)[0], 1);
        ops.groupNormBackward(g, in, gamma, beta, mean, var, dy, dx, dgamma, dbeta);
        requireNoShift(operands, "groupNormBackward");
        ops.groupNorm(silu, in, gamma, beta, y, mean, var);
        double n = normalised(operands);
        operands.requireClose("groupNorm, SiLU", n / (1 + Math.exp(-n)), operands.values(y, 1)[0], 1);
        ops.groupNormBackward(silu, in, gamma, beta, mean, var, dy, dx, dgamma, dbeta);
        requireNoShift(operands, "groupNormBackward, SiLU");
    }

    private double normalised(Operands operands) {
        double m = operands.values(mean, 1)[0];
        double v = operands.values(var, 1)[0];
        return (operands.values(in, 1)[0] - m) / Math.sqrt(v + g.eps()) * operands.values(gamma, 1)[0]
                + operands.values(beta, 1)[0];
    }

    private void requireNoShift(Operands operands, String what) {
        float[] gradients = operands.values(dx, g.x().count());
        int image = Math.toIntExact(g.x().count() / g.x().n());
        double sum = 0;
        double scale = 0;
        for (int i = 0; i < image; i++) {
            sum += gradients[i];
            scale += Math.abs(gradients[i]);
        }
        operands.requireClose(what, 0, sum, scale);
    }

    /** Reads x, writes y. */
    @Benchmark
    public void forward(Timing timing) {
        time(timing, 0, 2 * bytes, () -> ops.groupNorm(g, in, gamma, beta, y, mean, var));
    }

    @Benchmark
    public void forwardSilu(Timing timing) {
        time(timing, 0, 2 * bytes, () -> ops.groupNorm(silu, in, gamma, beta, y, mean, var));
    }

    /** Reads x and dy, writes dx. */
    @Benchmark
    public void backward(Timing timing) {
        time(timing, 0, 3 * bytes, () -> ops.groupNormBackward(g, in, gamma, beta, mean, var, dy, dx, dgamma, dbeta));
    }

    @Benchmark
    public void backwardSilu(Timing timing) {
        time(
                timing,
                0,
                3 * bytes,
                () -> ops.groupNormBackward(silu, in, gamma, beta, mean, var, dy, dx, dgamma, dbeta));
    }
}
