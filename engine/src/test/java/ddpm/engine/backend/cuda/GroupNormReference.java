package ddpm.engine.backend.cuda;

import ddpm.engine.backend.NormOps.GroupNorm;

/** Group normalisation, alone or followed by SiLU, with its gradients in double, straight from the formulas. */
final class GroupNormReference {
    final double[] y;
    final double[] mean;
    final double[] var;
    final double[] dx;
    final double[] dgamma;
    final double[] dbeta;

    /** Sums of the absolute terms of dgamma and dbeta, by channel. */
    final double[] dgammaSize;

    final double[] dbetaSize;

    /** Largest |mean| / std of a group: what a rounding of x costs the normalised value. */
    double shift;

    /** Largest of the terms that dx is a difference of. */
    double dxSize;

    private final GroupNorm g;
    private final float[] x;
    private final float[] gamma;
    private final float[] beta;
    private final float[] dy;
    private final boolean silu;
    private final int channels;
    private final int groupChannels;

    GroupNormReference(GroupNorm g, boolean silu, float[] x, float[] gamma, float[] beta, float[] dy) {
        this.g = g;
        this.silu = silu;
        this.x = x;
        this.gamma = gamma;
        this.beta = beta;
        this.dy = dy;
        channels = (int) g.x().c();
        groupChannels = (int) g.groupChannels();
        y = new double[x.length];
        dx = new double[x.length];
        int groups = (int) (g.x().n() * g.groups());
        mean = new double[groups];
        var = new double[groups];
        dgamma = new double[channels];
        dbeta = new double[channels];
        dgammaSize = new double[channels];
        dbetaSize = new double[channels];
        for (int group = 0; group < groups; group++) {
            group(group);
        }
    }

    private void group(int group) {
        int terms = (int) g.x().pixels() * groupChannels;
        for (int i = 0; i < terms; i++) {
            mean[group] += (double) x[at(group, i)] / terms;
        }
        for (int i = 0; i < terms; i++) {
            double d = x[at(group, i)] - mean[group];
            var[group] += d * d / terms;
        }
        double rstd = 1 / Math.sqrt(var[group] + g.eps());
        shift = Math.max(shift, Math.abs(mean[group]) * rstd);
        double sum = 0;
        double sumNormal = 0;
        for (int i = 0; i < terms; i++) {
            int at = at(group, i);
            int c = at % channels;
            double normal = (x[at] - mean[group]) * rstd;
            double z = gamma[c] * normal + beta[c];
            double sigmoid = 1 / (1 + Math.exp(-z));
            y[at] = silu ? z * sigmoid : z;
            double d = silu ? dy[at] * sigmoid * (1 + z * (1 - sigmoid)) : dy[at];
            dx[at] = gamma[c] * d;
            sum += gamma[c] * d / terms;
            sumNormal += gamma[c] * d * normal / terms;
            dbeta[c] += d;
            dgamma[c] += d * normal;
            dbetaSize[c] += Math.abs(dy[at]);
            dgammaSize[c] += Math.abs(dy[at]) * (1 + Math.abs(normal));
        }
        for (int i = 0; i < terms; i++) {
            int at = at(group, i);
            double normal = (x[at] - mean[group]) * rstd;
            double size = Math.abs(gamma[at % channels] * dy[at]) + Math.abs(sum) + Math.abs(normal * sumNormal);
            dxSize = Math.max(dxSize, rstd * (size + 1) * (1 + Math.abs(normal)));
            dx[at] = rstd * (dx[at] - sum - normal * sumNormal);
        }
    }

    /** Where the group's i-th value lies. */
    private int at(int group, int i) {
        int pixels = (int) g.x().pixels();
        int image = group / (int) g.groups();
        int first = group % (int) g.groups() * groupChannels;
        return (image * pixels + i / groupChannels) * channels + first + i % groupChannels;
    }
}
