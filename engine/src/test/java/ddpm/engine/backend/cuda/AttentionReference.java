package ddpm.engine.backend.cuda;

import ddpm.engine.backend.AttentionOps.Attention;

/** Attention and its gradient in double, straight from the formulas, and how large what is added up gets. */
final class AttentionReference {
    final double[] y;
    final double[] dqkv;

    /** log2 of each row's sum of exp(score), [N * heads, T]. */
    final double[] lse;

    /** Largest sum of |q k| / sqrt(d): a score's rounding, which exp makes a relative error of its weight. */
    double logit;

    /** Largest |v|, hence of the terms of y by weight. */
    double value;

    /** Largest term of a gradient: of dq, dk by |ds| with both its halves positive, of dv by p. */
    double gradient;

    private final Attention g;
    private final int c;
    private final float[] qkv;
    private final float[] dy;

    AttentionReference(Attention g, float[] qkv, float[] dy) {
        this.g = g;
        this.c = (int) g.width();
        this.qkv = qkv;
        this.dy = dy;
        this.y = new double[dy.length];
        this.dqkv = new double[qkv.length];
        this.lse = new double[(int) (g.n() * g.heads() * g.tokens())];
        for (int n = 0; n < g.n(); n++) {
            for (int h = 0; h < g.heads(); h++) {
                for (int i = 0; i < g.tokens(); i++) {
                    query(n, h, i);
                }
            }
        }
    }

    /** Where the query (0), key (1) or value (2) of a token begins in qkv. */
    private int at(int n, int h, int token, int which) {
        return (int) (((n * g.tokens() + token) * 3 + which) * c + h * g.headDim());
    }

    private void query(int n, int h, int i) {
        int tokens = (int) g.tokens();
        int q = at(n, h, i, 0);
        int row = (int) ((n * g.tokens() + i) * c + h * g.headDim());
        double[] p = softmax(n, h, i);
        double[] dp = new double[tokens];
        double delta = 0;
        double size = 0;
        for (int j = 0; j < tokens; j++) {
            int v = at(n, h, j, 2);
            double terms = 0;
            for (int d = 0; d < g.headDim(); d++) {
                y[row + d] += p[j] * qkv[v + d];
                dqkv[v + d] += p[j] * dy[row + d];
                dp[j] += (double) dy[row + d] * qkv[v + d];
                terms += Math.abs((double) dy[row + d] * qkv[v + d]);
                value = Math.max(value, Math.abs(qkv[v + d]));
                gradient = Math.max(gradient, p[j] * Math.abs(dy[row + d]));
            }
            delta += p[j] * dp[j];
            size = Math.max(size, terms);
        }
        for (int j = 0; j < tokens; j++) {
            int k = at(n, h, j, 1);
            double ds = p[j] * (dp[j] - delta) / Math.sqrt(g.headDim());
            for (int d = 0; d < g.headDim(); d++) {
                dqkv[q + d] += ds * qkv[k + d];
                dqkv[k + d] += ds * qkv[q + d];
                double factor = Math.max(Math.abs(qkv[k + d]), Math.abs(qkv[q + d]));
                gradient = Math.max(gradient, 2 * p[j] * size / Math.sqrt(g.headDim()) * factor);
            }
        }
    }

    private double[] softmax(int n, int h, int i) {
        int q = at(n, h, i, 0);
        double[] s = new double[(int) g.tokens()];
        double best = Double.NEGATIVE_INFINITY;
        for (int j = 0; j < s.length; j++) {
            int k = at(n, h, j, 1);
            double size = 0;
            for (int d = 0; d < g.headDim(); d++) {
                double term = qkv[q + d] * (double) qkv[k + d] / Math.sqrt(g.headDim());
                s[j] += term;
                size += Math.abs(term);
            }
            logit = Math.max(logit, size);
            best = Math.max(best, s[j]);
        }
        double sum = 0;
        for (int j = 0; j < s.length; j++) {
            s[j] = Math.exp(s[j] - best);
            sum += s[j];
        }
        lse[(int) ((n * g.heads() + h) * g.tokens() + i)] = (best + Math.log(sum)) / Math.log(2);
        for (int j = 0; j < s.length; j++) {
            s[j] /= sum;
        }
        return s;
    }
}
