package ddpm.verify.network;

import ddpm.engine.nn.Parameter;
import ddpm.engine.optim.Adam;
import ddpm.engine.optim.AdamConfig;
import ddpm.engine.optim.StepMemory;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Tensor;
import ddpm.model.unet.UNet;
import ddpm.verify.report.Check;
import ddpm.verify.report.Difference;
import ddpm.verify.report.Report;
import ddpm.verify.report.Tolerance;
import ddpm.verify.report.VectorException;
import ddpm.verify.vectors.Expected;
import ddpm.verify.vectors.VectorFile;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/** Adam steps on the batch of unet_small: the loss before each and after the last, the parameters after some of them. */
record AdamChecks(UNet net, Batch batch, ReferenceGradients grads, Report report) {
    private static final double LR = 1e-4;
    private static final String IN_PROJ_BIAS = "in_proj_bias";

    /** @param wanted parameters by number of steps done */
    void run(VectorFile io, VectorFile weights, Map<Integer, VectorFile> wanted) {
        long[] shape = io.get("losses", 1).shape();
        int steps = Math.toIntExact(shape[0]) - 1;
        int last = wanted.isEmpty() ? 0 : Collections.max(wanted.keySet());
        if (steps < last) {
            throw new VectorException("'losses' of " + io.name() + " has " + shape[0] + " values, for " + last
                    + " Adam steps needed are " + (last + 1));
        }
        double[] losses = new double[steps + 1];
        try (Adam adam = new Adam(net.parameters(), AdamConfig.adam());
                StepMemory memory = new StepMemory(net.parameters().backend(), 1)) {
            for (int done = 0; done <= steps; done++) {
                if (wanted.containsKey(done)) {
                    VectorFile want = wanted.get(done);
                    String name = SmallUNetSuite.LABEL + "adam" + done;
                    int n = done;
                    if (!report.attempt(name, () -> parameters(name, n, weights, want))) {
                        want.coverAll("");
                    }
                }
                memory.write(AdamConfig.adam().numbers(done, 0, LR));
                losses[done] = lossAndStep(adam, memory, done < steps);
            }
        }
        new Expected(io, SmallUNetSuite.LABEL, report).compare("losses", shape, losses, Tolerance.SMALL_LOSSES);
    }

    private double lossAndStep(Adam adam, StepMemory memory, boolean step) {
        try (Scope scope = Scope.recording(net.parameters().backend())) {
            Tensor loss = net.forward(batch.x(scope), batch.t(scope)).mse(batch.target(scope));
            double value = loss.item();
            if (step) {
                adam.step(scope.tape().backward(loss), memory);
            }
            return value;
        }
    }

    /**
     * One row for all parameters, by the strictest of three measures. An element whose true gradient is zero moves by up
     * to lr per step in a direction that rounding decides: the norm of the update and the share of far elements leave it
     * out, as the README advises. Above all that is the key part of every in_proj_bias. The largest difference is over
     * all elements.
     */
    private void parameters(String name, int steps, VectorFile weights, VectorFile want) {
        Tally all = new Tally();
        for (Parameter p : net.parameters().list()) {
            double[] got = Difference.widen(
                    p.layout().toFile(p.value().shape(), p.value().toFloats()));
            all.add(
                    p.name(),
                    leftOut(p),
                    ReferenceGradients.values(weights, p),
                    ReferenceGradients.values(want, p),
                    got);
        }
        double l2 = Math.sqrt(all.squares / all.update);
        double share = (double) all.far / all.count;
        double most = Tolerance.ADAM_STEP * steps;
        double used = strictest(l2 / Tolerance.ADAM_L2, share / Tolerance.ADAM_SHARE, all.maxAbs / most);
        String tolerance = "L2 " + Check.scientific(Tolerance.ADAM_L2);
        Check row = new Check(name, all.maxAbs, l2, tolerance, used, List.of());
        report.add(row.with("share over " + Check.scientific(Tolerance.ADAM_FAR) + ": " + Check.scientific(share)
                + " (allowed " + Check.scientific(Tolerance.ADAM_SHARE) + "); largest: " + all.worst + " (allowed "
                + Check.scientific(most) + ")"));
    }

    /** Elements of a parameter whose gradient is zero but for rounding. */
    private IntPredicate leftOut(Parameter p) {
        int third = Math.toIntExact(p.value().count() / 3);
        IntPredicate keys = i -> p.name().endsWith(IN_PROJ_BIAS) && i >= third && i < 2 * third;
        return keys.or(i -> Math.abs(grads.of(p)[i]) < grads.floor());
    }

    /** The largest, NaN where one of them is. */
    private static double strictest(double... shares) {
        return Arrays.stream(shares).reduce(0, Math::max);
    }

    private static final class Tally {
        private double squares;
        private double update;
        private double maxAbs;
        private String worst = "";
        private long far;
        private long count;

        void add(String name, IntPredicate leftOut, double[] before, double[] want, double[] got) {
            Difference d = Difference.of(want, got);
            if (!Double.isNaN(maxAbs) && !(d.maxAbs() <= maxAbs)) {
                maxAbs = d.maxAbs();
                worst = name;
            }
            for (int i = 0; i < want.length; i++) {
                if (leftOut.test(i)) {
                    continue;
                }
                double off = Math.abs(got[i] - want[i]);
                squares += off * off;
                update += (want[i] - before[i]) * (want[i] - before[i]);
                far += off <= Tolerance.ADAM_FAR ? 0 : 1;
                count++;
            }
        }
    }
}
