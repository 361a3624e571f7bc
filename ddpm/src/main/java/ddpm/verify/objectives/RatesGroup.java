package ddpm.verify.objectives;

import ddpm.engine.optim.LearningRate;
import ddpm.verify.report.Allowance;
import ddpm.verify.vectors.Facts;
import java.util.Arrays;
import java.util.List;

/**
 * cosine_lr: the learning rate of each step. The reference counts from 0 and its warm-up begins with a rate of 0; ours counts from
 * 1, begins with the first share of the rate, and has the whole rate at the end of the warm-up and again as the cosine begins.
 */
final class RatesGroup implements Objectives.Group {
    @Override
    public void check(Objectives o, String at) {
        List<Facts> all = o.facts().list("cosine_lr");
        for (int j = 0; j < all.size(); j++) {
            Facts f = all.get(j).only("base", "warmup", "total", "cycles", "steps", "lr");
            double base = f.number("base");
            long warmUp = f.integer("warmup");
            LearningRate rate = LearningRate.cosine(base, f.integer("total") - warmUp, f.number("cycles"))
                    .after(warmUp);
            double[] got = Arrays.stream(f.numbers("steps"))
                    .map(step -> rate.at((long) (step < warmUp ? step : step + 1)))
                    .toArray();
            o.numbers("cosine_lr " + j, f.numbers("lr"), got, Allowance.ofRate(base));
        }
    }
}
