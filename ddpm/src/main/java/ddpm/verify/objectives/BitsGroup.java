package ddpm.verify.objectives;

import ddpm.diffusion.Schedule;
import ddpm.diffusion.Variance;
import ddpm.diffusion.likelihood.Bits;
import ddpm.diffusion.likelihood.Bound;
import ddpm.diffusion.likelihood.Network;
import ddpm.diffusion.likelihood.NormalCdf;
import ddpm.diffusion.prediction.Eps;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.Shape;
import ddpm.verify.given.FormulaNetwork;
import ddpm.verify.given.VectorSchedules;
import ddpm.verify.report.Allowance;
import ddpm.verify.report.VectorException;
import ddpm.verify.vectors.FileLayout;
import java.util.Arrays;
import java.util.function.Function;

/** {@code bits/<variance>/}: the whole variational bound of images over a short chain, with the network that is a formula. */
final class BitsGroup implements Objectives.Group {
    /** Estimates of the image are clipped to where images lie. */
    private static final double RANGE = 1;

    @Override
    public void check(Objectives o, String at) {
        Variance variance = Objectives.variance(at.split("/")[1]);
        Schedule schedule = VectorSchedules.of(o.facts().get("bits_schedule"));
        HostTensor x0 = o.file().get(at + "x0", 4);
        HostTensor noise = o.file().get(at + "noise", 5);
        int steps = schedule.timesteps();
        if (noise.shape()[0] != steps) {
            throw new VectorException("noise of " + noise.shape()[0] + " steps, but the schedule has " + steps);
        }
        Bits tanh = bits(new Bound(schedule, new Eps(), variance, RANGE, NormalCdf.TANH), x0, noise);
        Bits exact = bits(new Bound(schedule, new Eps(), variance, RANGE, NormalCdf.EXACT), x0, noise);
        terms(o, at + "vb", tanh, Bits.Step::bits);
        terms(o, at + "x0_mse", tanh, Bits.Step::x0Mse);
        terms(o, at + "eps_mse", tanh, Bits.Step::epsMse);
        o.list(at + "prior", tanh.prior(), Allowance.DOUBLE);
        o.list(at + "total_tanh", totals(tanh), Allowance.BITS);
        o.list(at + "total_exact", totals(exact), Allowance.BITS);
        o.list(at + "L0_exact", exact.steps()[0].bits(), Allowance.BITS);
    }

    private static Bits bits(Bound bound, HostTensor x0, HostTensor noise) {
        Shape s = FileLayout.IMAGE.engineShape(x0.shape());
        Nhwc g = new Nhwc(s.dim(0), s.dim(1), s.dim(2), s.dim(3));
        int channels = Math.toIntExact(g.c());
        Network network = bound.variance() == Variance.LEARNED_RANGE
                ? (x, t) -> FormulaNetwork.both(x, channels, t[0])
                : (x, t) -> FormulaNetwork.alone(x, t[0]);
        float[] all = noise.toFloats();
        int size = Math.toIntExact(g.count());
        int last = bound.schedule().timesteps() - 1;
        return bound.of(network, g, FileLayout.IMAGE.toEngine(x0), t -> {
            float[] z = Arrays.copyOfRange(all, (last - t) * size, (last - t + 1) * size);
            return FileLayout.IMAGE.toEngine(HostTensor.f32(x0.shape(), z));
        });
    }

    /** [N,T] from T-1 down. */
    private static void terms(Objectives o, String tensor, Bits bits, Function<Bits.Step, double[]> which) {
        int images = bits.prior().length;
        int steps = bits.steps().length;
        double[] got = new double[images * steps];
        for (int t = 0; t < steps; t++) {
            double[] values = which.apply(bits.steps()[t]);
            for (int image = 0; image < images; image++) {
                got[image * steps + steps - 1 - t] = values[image];
            }
        }
        o.expected().compare(tensor, new long[] {images, steps}, got, Allowance.BITS);
    }

    private static double[] totals(Bits bits) {
        double[] totals = new double[bits.prior().length];
        Arrays.setAll(totals, bits::total);
        return totals;
    }
}
