package ddpm.verify.network;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.nn.Parameter;
import ddpm.engine.nn.Parameters;
import ddpm.verify.report.Check;
import ddpm.verify.report.Difference;
import ddpm.verify.report.Report;
import ddpm.verify.report.Tolerance;
import ddpm.verify.report.VectorException;
import ddpm.verify.vectors.Facts;
import java.util.Arrays;
import java.util.List;

/** The L2 norm of every parameter's gradient against those of a file: one row with the worst named, relative differences. */
record GradientNorms(Parameters parameters, Report report) {
    /** @param name of the check @param wanted norms by parameter, all of them and no others */
    void compare(String name, Facts wanted, Gradients gradients) {
        List<Parameter> all = parameters.list();
        double[] want = new double[all.size()];
        double[] got = new double[all.size()];
        for (int i = 0; i < want.length; i++) {
            Parameter p = all.get(i);
            want[i] = wanted.number(p.name());
            got[i] = norm(gradients.of(p.value()).toFloats());
            // rounding alone, not of the gradient's size: it has to stay as small
            if (want[i] < Tolerance.FULL_GRADIENT_LEFT_OUT && got[i] < 10 * Tolerance.FULL_GRADIENT_LEFT_OUT) {
                got[i] = want[i];
            }
        }
        if (wanted.size() != want.length) {
            throw new VectorException(
                    wanted.file() + " has " + wanted.size() + " entries, the network " + want.length + " parameters");
        }
        double[] ratio = new double[want.length];
        for (int i = 0; i < ratio.length; i++) {
            ratio[i] = got[i] == want[i] ? 1 : got[i] / want[i];
        }
        double[] ones = new double[want.length];
        Arrays.fill(ones, 1);
        Check c = Check.of(
                name + ", relative, of " + want.length, ones, ratio, Tolerance.absolute(Tolerance.FULL_GRADIENT_NORM));
        report.add(
                c.with("worst: " + all.get(Difference.of(ones, ratio).worst()).name()));
    }

    static double norm(float[] values) {
        double sum = 0;
        for (float v : values) {
            sum += (double) v * v;
        }
        return Math.sqrt(sum);
    }
}
