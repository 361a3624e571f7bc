package ddpm.verify.objectives;

import ddpm.config.Named;
import ddpm.diffusion.Prediction;
import ddpm.diffusion.Schedule;
import ddpm.diffusion.TrainingTable;
import ddpm.diffusion.prediction.Predictions;
import ddpm.diffusion.prediction.V;
import ddpm.diffusion.schedule.BetaSchedule;
import ddpm.diffusion.times.Uniform;
import ddpm.diffusion.weighting.Simple;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Tensor;
import ddpm.verify.report.Allowance;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** {@code targets/<schedule>/}: x_t, the target v, and what an output means under each prediction. */
final class TargetsGroup implements Objectives.Group {
    @Override
    public void check(Objectives o, String at) {
        BetaSchedule schedule = o.schedule(at);
        double[] abar = IntStream.range(0, schedule.timesteps())
                .mapToDouble(schedule::alphaCumprod)
                .toArray();
        o.list(at + "alphas_cumprod", abar, Allowance.DOUBLE);
        int[] t = o.file().timesteps(at + "t", schedule.timesteps());
        try (Scope scope = Scope.on(o.backend())) {
            Tensor x0 = o.images(scope, at + "x0");
            Tensor eps = o.images(scope, at + "eps");
            Tensor output = o.images(scope, at + "output");
            TableRows rows = new TableRows(TrainingTable.of(schedule, new V(), new Simple(), new Uniform()));
            Tensor xt = rows.noisy(x0, t, eps);
            o.expected().compare(at + "x_t", xt, Allowance.IMAGES);
            o.expected().compare(at + "v", rows.target(x0, t, eps), Allowance.IMAGES);
            for (String prediction : predictions(o, at)) {
                meant(o, at, prediction, schedule, t, xt, output);
            }
        }
    }

    /** Those of which the file says what an output means. */
    private static Set<String> predictions(Objectives o, String at) {
        Set<String> found = new TreeSet<>();
        for (String name : o.names(at)) {
            if (name.matches("(x0|eps)_from_\\w+")) {
                found.add(name.replaceFirst("^(x0|eps)_from_", ""));
            }
        }
        return found;
    }

    private static void meant(
            Objectives o, String at, String prediction, Schedule schedule, int[] t, Tensor xt, Tensor output) {
        Prediction p = Named.find(Predictions.ALL, "prediction", prediction);
        Meant meant = Meant.of(schedule, p, Arrays.stream(t).asDoubleStream().toArray(), xt, output);
        for (String what : o.names(at)) {
            if (what.equals("x0_from_" + prediction)) {
                o.expected().compare(at + what, meant.x0(), Allowance.IMAGES);
            }
            if (what.equals("eps_from_" + prediction)) {
                o.expected().compare(at + what, meant.eps(), Allowance.IMAGES);
            }
        }
    }
}
