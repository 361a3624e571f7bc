package ddpm.verify.objectives;

import com.fasterxml.jackson.databind.JsonNode;
import ddpm.engine.optim.PowerAverage;
import ddpm.verify.report.Allowance;
import ddpm.verify.report.VectorException;
import ddpm.verify.vectors.Facts;
import java.util.Arrays;

/** power_ema: exponents of relative widths, and the decays of single updates. */
final class PowerGroup implements Objectives.Group {
    @Override
    public void check(Objectives o, String at) {
        Facts f = o.facts().in("power_ema").only("std", "gamma", "std_of_gamma", "batch_size", "images_seen", "beta");
        PowerAverage[] averages =
                Arrays.stream(f.numbers("std")).mapToObj(PowerAverage::ofStd).toArray(PowerAverage[]::new);
        double[] gammas =
                Arrays.stream(averages).mapToDouble(PowerAverage::gamma).toArray();
        o.numbers("power_ema gamma", f.numbers("gamma"), gammas, Allowance.AVERAGE);
        double[] widths = Arrays.stream(f.numbers("gamma"))
                .map(g -> new PowerAverage(g).std())
                .toArray();
        o.numbers("power_ema std_of_gamma", f.numbers("std_of_gamma"), widths, Allowance.AVERAGE);
        JsonNode rows = f.get("beta");
        if (rows.size() != averages.length) {
            throw new VectorException("beta has " + rows.size() + " rows, std has " + averages.length + " widths");
        }
        double batch = f.number("batch_size");
        for (int i = 0; i < averages.length; i++) {
            PowerAverage average = averages[i];
            double[] got = Arrays.stream(f.numbers("images_seen"))
                    .map(seen -> average.beta(seen, batch))
                    .toArray();
            o.numbers("power_ema beta " + i, Facts.numbers("beta", rows.get(i)), got, Allowance.AVERAGE);
        }
    }
}
