package ddpm.verify.objectives;

import ddpm.diffusion.TrainingTable;
import ddpm.diffusion.TrainingTimes;
import ddpm.diffusion.prediction.Velocity;
import ddpm.diffusion.schedule.Flow;
import ddpm.diffusion.times.LogitNormal;
import ddpm.diffusion.times.Mode;
import ddpm.diffusion.weighting.Simple;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Tensor;
import ddpm.verify.report.Allowance;
import ddpm.verify.report.VectorException;
import ddpm.verify.vectors.Facts;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/** {@code flow/}: x_t and target on the straight line from image to noise, and the densities that its t are drawn from. */
final class FlowGroup implements Objectives.Group {
    /** Any T will do: the share t / T is what counts. */
    private static final Flow SCHEDULE = new Flow(1000, 1);

    @Override
    public void check(Objectives o, String at) {
        int last = SCHEDULE.timesteps();
        double[] t = Arrays.stream(o.host(at + "t").toDoubles())
                .map(s -> s * last - 1)
                .toArray();
        TrainingTimes given = schedule -> t;
        TableRows table = new TableRows(TrainingTable.of(SCHEDULE, new Velocity(), new Simple(), given));
        try (Scope scope = Scope.on(o.backend())) {
            Tensor x0 = o.images(scope, at + "x0");
            Tensor eps = o.images(scope, at + "eps");
            int[] rows = TableRows.oneEach(o.host(at + "x0"));
            if (rows.length != t.length) {
                throw new VectorException(rows.length + " images, but " + t.length + " times");
            }
            o.expected().compare(at + "x_t", table.noisy(x0, rows, eps), Allowance.IMAGES);
            o.expected().compare(at + "target", table.target(x0, rows, eps), Allowance.IMAGES);
        }
        densities(o, at);
    }

    private static void densities(Objectives o, String at) {
        List<Facts> normals = o.facts().list("logit_normal");
        for (int j = 0; j < normals.size(); j++) {
            Facts f = normals.get(j).only("mean", "std");
            LogitNormal density = new LogitNormal(f.number("mean"), f.number("std"));
            compare(o, at + "logit_normal_" + j, at + "normals", density::share);
        }
        compare(o, at + "mode", at + "uniforms", new Mode(o.facts().number("mode_scale"))::share);
    }

    private static void compare(Objectives o, String tensor, String drawn, DoubleUnaryOperator share) {
        o.list(tensor, Arrays.stream(o.host(drawn).toDoubles()).map(share).toArray(), Allowance.TABLE);
    }
}
