package ddpm.engine.backend.cuda.conv;

import ddpm.engine.backend.ConvOps.ConvSpec;

/** A convolution and its gradients in double, term by term: y = conv(x, w), dx and dw from dy. No bias. */
final class DirectConvolution {
    private final ConvSpec g;
    final double[] y;
    final double[] dx;
    final double[] dw;

    /** @param x in, [N,H,W,C] @param w in, [K,kh,kw,C] @param dy in, [N,P,Q,K] */
    DirectConvolution(ConvSpec g, float[] x, float[] w, float[] dy) {
        this.g = g;
        this.y = new double[dy.length];
        this.dx = new double[x.length];
        this.dw = new double[w.length];
        for (int out = 0; out < dy.length; out++) {
            terms(out, x, w, dy);
        }
    }

    private void terms(int out, float[] x, float[] w, float[] dy) {
        int k = (int) (out % g.y().c());
        long pixel = out / g.y().c();
        long q = pixel % g.y().w();
        long p = pixel / g.y().w() % g.y().h();
        long n = pixel / g.y().pixels();
        for (long r = 0; r < g.kernel().h(); r++) {
            for (long s = 0; s < g.kernel().w(); s++) {
                long h = p * g.stride().h() - g.padding().h() + r;
                long v = q * g.stride().w() - g.padding().w() + s;
                if (h < 0 || h >= g.x().h() || v < 0 || v >= g.x().w()) {
                    continue;
                }
                for (int c = 0; c < g.x().c(); c++) {
                    int xi = (int) (((n * g.x().h() + h) * g.x().w() + v) * g.x().c() + c);
                    int wi = (int) (((k * g.kernel().h() + r) * g.kernel().w() + s) * g.x().c() + c);
                    y[out] += (double) x[xi] * w[wi];
                    dx[xi] += (double) dy[out] * w[wi];
                    dw[wi] += (double) dy[out] * x[xi];
                }
            }
        }
    }
}
