package ddpm.verify.objectives;

import ddpm.diffusion.likelihood.DiscretisedGaussian;
import ddpm.verify.report.Allowance;

/** {@code discretised/}: log probabilities of levels under Gaussians, by both distribution functions. */
final class DiscretisedGroup implements Objectives.Group {
    private static final String NAME = "log_likelihood_";

    @Override
    public void check(Objectives o, String at) {
        double[] x = o.host(at + "x").toDoubles();
        double[] means = o.host(at + "means").toDoubles();
        double[] logScales = o.host(at + "log_scales").toDoubles();
        for (String name : o.names(at)) {
            if (name.startsWith(NAME)) {
                DiscretisedGaussian of = new DiscretisedGaussian(LikelihoodGroup.cdf(name.substring(NAME.length())));
                double[] got = new double[x.length];
                for (int i = 0; i < got.length; i++) {
                    got[i] = of.logProbability(x[i], means[i], logScales[i]);
                }
                o.list(at + name, got, Allowance.LOG_LIKELIHOOD);
            }
        }
    }
}
