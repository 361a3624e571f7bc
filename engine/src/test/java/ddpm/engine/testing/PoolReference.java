package ddpm.engine.testing;

import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.PoolOps.Pool;

/** {@link ddpm.engine.backend.PoolOps} in double, straight from the formula. */
public final class PoolReference {
    private interface Join {
        double of(double sofar, double x);
    }

    private PoolReference() {}

    /** The largest of each window. */
    public static double[] max(Pool g, double[] x) {
        return windows(g, x, Double.NEGATIVE_INFINITY, Math::max);
    }

    /** The mean of each window. */
    public static double[] mean(Pool g, double[] x) {
        return Reference.scale(1.0 / (g.window().h() * g.window().w()), windows(g, x, 0, Double::sum));
    }

    private static double[] windows(Pool g, double[] x, double nothing, Join join) {
        Nhwc out = g.y();
        double[] y = new double[(int) out.count()];
        for (int i = 0; i < y.length; i++) {
            y[i] = nothing;
            for (int k = 0; k < g.window().h(); k++) {
                for (int l = 0; l < g.window().w(); l++) {
                    y[i] = join.of(y[i], x[from(g, i, k, l)]);
                }
            }
        }
        return y;
    }

    /** Where row k, column l of the window of element i of y lies in x. */
    public static int from(Pool g, int i, int k, int l) {
        Nhwc out = g.y();
        long c = i % out.c();
        long column = i / out.c() % out.w() * g.stride().w() + l;
        long row = i / out.c() / out.w() % out.h() * g.stride().h() + k;
        long n = i / out.c() / out.w() / out.h();
        return (int) (((n * g.x().h() + row) * g.x().w() + column) * g.x().c() + c);
    }
}
