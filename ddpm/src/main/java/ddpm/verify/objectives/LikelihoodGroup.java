package ddpm.verify.objectives;

import ddpm.diffusion.Schedule;
import ddpm.diffusion.TrainingTable;
import ddpm.diffusion.Variance;
import ddpm.diffusion.likelihood.Bound;
import ddpm.diffusion.likelihood.BoundStep;
import ddpm.diffusion.likelihood.NormalCdf;
import ddpm.diffusion.prediction.Eps;
import ddpm.diffusion.prediction.V;
import ddpm.diffusion.times.Uniform;
import ddpm.diffusion.weighting.Simple;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.verify.report.Allowance;
import ddpm.verify.report.VectorException;
import ddpm.verify.vectors.Expected;
import ddpm.verify.vectors.FileLayout;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code likelihood/<schedule>/}: the terms of the variational bound, each image at a t of its own. */
final class LikelihoodGroup implements Objectives.Group {
    private static final Pattern BITS = Pattern.compile("vb_bits_(\\w+)_([a-z]+)");
    private static final Pattern FIXED = Pattern.compile("log_variance_(\\w+)");

    @Override
    public void check(Objectives o, String at) {
        Schedule schedule = o.schedule(at);
        Case c = new Case(o, at, schedule, o.file().timesteps(at + "t", schedule.timesteps()));
        float[] xt = c.noisy();
        c.elements(xt);
        o.list(at + "posterior_log_variance", c.perImage(Variance.FIXED_SMALL), Allowance.TABLE);
        for (String name : o.names(at)) {
            Matcher fixed = FIXED.matcher(name);
            Matcher bits = BITS.matcher(name);
            if (fixed.matches()) {
                o.list(at + name, c.perImage(Objectives.variance(fixed.group(1))), Allowance.TABLE);
            } else if (bits.matches()) {
                NormalCdf cdf = cdf(bits.group(2));
                Variance variance = Objectives.variance(bits.group(1));
                o.list(at + name, c.bits(variance, cdf), Allowance.BITS);
                if (variance == Variance.LEARNED_RANGE && cdf == NormalCdf.TANH) {
                    c.trained(name);
                }
            }
        }
        c.prior();
    }

    static NormalCdf cdf(String name) {
        return Arrays.stream(NormalCdf.values())
                .filter(c -> c.name().toLowerCase(Locale.ROOT).equals(name))
                .findFirst()
                .orElseThrow(() -> new VectorException("there is no distribution function \"" + name + "\" here"));
    }

    /** Arrays of the host are in the file's order [N,C,H,W] but where the bound is given images. */
    private record Case(Objectives o, String at, Schedule schedule, int[] t) {
        float[] noisy() {
            TrainingTable table = TrainingTable.of(schedule, new V(), new Simple(), new Uniform());
            try (Scope scope = Scope.on(o.backend())) {
                Tensor x0 = o.images(scope, at + "x0");
                Tensor xt = new TableRows(table).noisy(x0, t, o.images(scope, at + "eps"));
                o.expected().compare(at + "x_t", xt, Allowance.IMAGES);
                return FileLayout.IMAGE.toFile(xt);
            }
        }

        BoundStep step(Variance variance, int image) {
            return new BoundStep(schedule, new Eps(), variance, Double.POSITIVE_INFINITY, t[image]);
        }

        double[] perImage(Variance variance) {
            double[] values = new double[t.length];
            Arrays.setAll(values, i -> step(variance, i).modelLogVariance(0));
            return values;
        }

        /** Value by value, with the learned variance. */
        void elements(float[] xt) {
            HostTensor images = o.host(at + "x0");
            float[] x0 = images.toFloats();
            float[] f = o.host(at + "eps_output").toFloats();
            float[] v = o.host(at + "v_output").toFloats();
            int size = x0.length / t.length;
            double[] posterior = new double[x0.length];
            double[] model = new double[x0.length];
            double[] logVariance = new double[x0.length];
            double[] kl = new double[x0.length];
            for (int i = 0; i < x0.length; i++) {
                BoundStep step = step(Variance.LEARNED_RANGE, i / size);
                double estimate = step.estimate(xt[i], f[i]);
                posterior[i] = step.posteriorMean(x0[i], xt[i]);
                model[i] = step.modelMean(estimate, xt[i]);
                logVariance[i] = step.modelLogVariance(v[i]);
                kl[i] = step.kl(x0[i], estimate, xt[i], v[i]);
            }
            o.expected().compare(at + "posterior_mean", images.shape(), posterior, Allowance.IMAGES);
            o.expected().compare(at + "model_mean", images.shape(), model, Allowance.IMAGES);
            o.expected().compare(at + "log_variance", images.shape(), logVariance, Allowance.TABLE);
            o.expected().compare(at + "kl_nats", images.shape(), kl, Allowance.BITS);
        }

        /** The term of each image, as the whole bound computes it. */
        double[] bits(Variance variance, NormalCdf cdf) {
            Bound bound = new Bound(schedule, new Eps(), variance, Double.POSITIVE_INFINITY, cdf);
            Nhwc one = geometry().withN(1);
            IntFunction<float[]> x0 = split("x0");
            IntFunction<float[]> eps = split("eps");
            IntFunction<float[]> f = split("eps_output");
            IntFunction<float[]> v = split("v_output");
            double[] bits = new double[t.length];
            for (int i = 0; i < bits.length; i++) {
                float[] said = variance == Variance.LEARNED_RANGE ? joined(f.apply(i), v.apply(i), one) : f.apply(i);
                bits[i] = bound.step((x, time) -> said, one, x0.apply(i), eps.apply(i), t[i])
                        .bits()[0];
            }
            return bits;
        }

        /** The same as a training has it. */
        void trained(String name) {
            double[] bits = new TrainedBound(o, at, schedule, t).bits();
            new Expected(o.file(), "training ", o.report())
                    .compare(at + name, new long[] {bits.length}, bits, Allowance.BITS);
        }

        void prior() {
            float[] x0 = FileLayout.IMAGE.toEngine(o.host(at + "x0"));
            Bound bound = new Bound(schedule, new V(), Variance.FIXED_SMALL, 1, NormalCdf.EXACT);
            o.list(at + "prior_bits", bound.prior(geometry(), x0), Allowance.DOUBLE);
        }

        private Nhwc geometry() {
            Shape s = FileLayout.IMAGE.engineShape(o.file().get(at + "x0", 4).shape());
            return new Nhwc(s.dim(0), s.dim(1), s.dim(2), s.dim(3));
        }

        /** A tensor's images [H,W,C], by their number. */
        private IntFunction<float[]> split(String name) {
            float[] all = FileLayout.IMAGE.toEngine(o.file().get(at + name, 4));
            int size = all.length / t.length;
            return i -> Arrays.copyOfRange(all, i * size, (i + 1) * size);
        }

        private static float[] joined(float[] f, float[] v, Nhwc g) {
            int channels = Math.toIntExact(g.c());
            float[] both = new float[2 * f.length];
            for (int i = 0; i < f.length; i += channels) {
                System.arraycopy(f, i, both, 2 * i, channels);
                System.arraycopy(v, i, both, 2 * i + channels, channels);
            }
            return both;
        }
    }
}
