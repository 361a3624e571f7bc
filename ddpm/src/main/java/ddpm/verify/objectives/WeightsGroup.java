package ddpm.verify.objectives;

import ddpm.config.Named;
import ddpm.diffusion.Prediction;
import ddpm.diffusion.Schedule;
import ddpm.diffusion.TrainingTable;
import ddpm.diffusion.Weighting;
import ddpm.diffusion.prediction.Eps;
import ddpm.diffusion.prediction.Predictions;
import ddpm.diffusion.times.Uniform;
import ddpm.diffusion.weighting.MinSnr;
import ddpm.diffusion.weighting.P2;
import ddpm.engine.backend.NoiseAdd;
import ddpm.verify.report.Allowance;
import ddpm.verify.vectors.Facts;
import java.util.stream.IntStream;

/** {@code weights/<schedule>/}: the weight of the squared error at every t, as the table of a training has it. */
final class WeightsGroup implements Objectives.Group {
    private static final String MIN_SNR = "min_snr_";

    @Override
    public void check(Objectives o, String at) {
        Schedule schedule = o.schedule(at);
        for (String name : o.names(at)) {
            if (name.equals("snr")) {
                double[] snr = IntStream.range(0, schedule.timesteps())
                        .mapToDouble(t -> Weighting.snr(schedule, t))
                        .toArray();
                o.list(at + name, snr, Allowance.DOUBLE);
            } else if (name.equals("p2")) {
                Facts p2 = o.facts().in("p2").only("gamma", "k");
                compare(o, at + name, schedule, new Eps(), new P2(p2.number("gamma"), p2.number("k")));
            } else if (name.startsWith(MIN_SNR)) {
                Prediction p = Named.find(Predictions.ALL, "prediction", name.substring(MIN_SNR.length()));
                compare(o, at + name, schedule, p, new MinSnr(o.facts().number("min_snr_gamma")));
            }
        }
    }

    private static void compare(
            Objectives o, String tensor, Schedule schedule, Prediction prediction, Weighting weighting) {
        TrainingTable table = TrainingTable.of(schedule, prediction, weighting, new Uniform());
        o.list(tensor, new TableRows(table).column(NoiseAdd.WEIGHT), Allowance.TABLE);
    }
}
