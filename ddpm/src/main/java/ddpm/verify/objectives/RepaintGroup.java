package ddpm.verify.objectives;

import ddpm.diffusion.TrainingTable;
import ddpm.diffusion.TrainingTimes;
import ddpm.diffusion.Variance;
import ddpm.diffusion.prediction.Eps;
import ddpm.diffusion.schedule.BetaSchedule;
import ddpm.diffusion.solver.Clip;
import ddpm.diffusion.solver.Course;
import ddpm.diffusion.solver.Ddim;
import ddpm.diffusion.solver.Ddpm;
import ddpm.diffusion.solver.Solver;
import ddpm.diffusion.solver.Stage;
import ddpm.diffusion.weighting.Simple;
import ddpm.engine.backend.NoiseAdd;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.verify.given.GivenNoise;
import ddpm.verify.given.VectorSchedules;
import ddpm.verify.report.Allowance;
import ddpm.verify.report.VectorException;
import ddpm.verify.vectors.Facts;
import ddpm.verify.vectors.FileLayout;
import java.util.Arrays;
import java.util.TreeSet;

/**
 * {@code repaint/}: one step of filling in where a mask is 0, to t-1 and back to t, by the stages of {@link Ddim} and of {@link
 * Ddpm}. Lugmayr et al. 2022, algorithm 1: what is known is noised to the level of what is drawn, and the mask chooses.
 */
final class RepaintGroup implements Objectives.Group {
    private static final String DDPM = "ddpm";
    private static final String ETA = "eta";

    @Override
    public void check(Objectives o, String at) {
        Facts facts = o.facts().in("repaint").only("schedule", "t");
        BetaSchedule schedule = VectorSchedules.of(facts.get("schedule"));
        int t = Math.toIntExact(facts.integer("t"));
        if (t < 1 || t >= schedule.timesteps()) {
            throw new VectorException("t " + t + " is not 1 to " + (schedule.timesteps() - 1));
        }
        TreeSet<String> ways = new TreeSet<>();
        for (String name : o.names(at)) {
            if (name.endsWith("_prev") || name.endsWith("_back")) {
                ways.add(name.substring(0, name.length() - 5));
            }
        }
        try (Scope scope = Scope.on(o.backend())) {
            Visit visit = new Visit(o, at, scope, schedule, t);
            for (String way : ways) {
                Tensor prev = way.equals(DDPM) ? visit.ddpm() : visit.ddim(eta(way));
                o.expected().compare(at + way + "_prev", prev, Allowance.IMAGES);
                o.expected().compare(at + way + "_back", visit.back(prev), Allowance.IMAGES);
            }
        }
    }

    /** Of names such as eta0, eta1, eta05 (one half). */
    private static double eta(String way) {
        if (!way.matches(ETA + "\\d+(\\.\\d+)?")) {
            throw new VectorException("a way to repaint called \"" + way + "\" is not known here");
        }
        String digits = way.substring(ETA.length());
        return Double.parseDouble(digits.matches("0\\d+") ? "0." + digits.substring(1) : digits);
    }

    /** One visit to t-1, from x at t. */
    private record Visit(Objectives o, String at, Scope scope, BetaSchedule schedule, int t) {
        /** The known part gets the noise that the step draws. */
        Tensor ddim(double eta) {
            Tensor x = image("x_t");
            Tensor z = noise(0);
            Stage stage = stage(new Ddim(eta, false), Variance.FIXED_SMALL);
            GivenNoise step = new GivenNoise(stage);
            Tensor unknown = step.add(step.mean(x, image("eps_output")), z);
            return chosen(noised(image("known"), t - 1, z), unknown);
        }

        /** The known part is put in before the step, at t, as in the original code. */
        Tensor ddpm() {
            Tensor x = chosen(noised(image("known"), t, noise(3)), image("x_t"));
            Tensor v = image("v_output");
            Stage stage = stage(new Ddpm(), Variance.LEARNED_RANGE);
            Tensor mean = new GivenNoise(stage).mean(x, image("eps_output").concatChannels(v));
            float[] vs = v.toFloats();
            float[] z = noise(2).toFloats();
            for (int i = 0; i < z.length; i++) {
                z[i] = (float) (GivenNoise.sd(stage, vs[i]) * z[i]);
            }
            return mean.add(scope.tensor(x.shape(), z));
        }

        /** From t-1 to t: one step of the forward process. */
        Tensor back(Tensor prev) {
            float[] row = new float[NoiseAdd.COLUMNS];
            row[NoiseAdd.SIGNAL] = (float) Math.sqrt(schedule.alpha(t));
            row[NoiseAdd.NOISE] = (float) Math.sqrt(schedule.beta(t));
            return all(new TableRows(new TrainingTable(row, new double[] {t})), prev, noise(1));
        }

        private Stage stage(Solver solver, Variance variance) {
            Course course = Course.over(schedule, new Eps(), new double[] {t, t - 1})
                    .with(Clip.TO_IMAGE)
                    .with(variance);
            return solver.plan(course).stages().get(0);
        }

        private Tensor noised(Tensor image, int to, Tensor z) {
            TrainingTimes one = s -> new double[] {to};
            return all(new TableRows(TrainingTable.of(schedule, new Eps(), new Simple(), one)), image, z);
        }

        private static Tensor all(TableRows table, Tensor image, Tensor z) {
            return table.noisy(image, new int[Math.toIntExact(image.shape().dim(0))], z);
        }

        private Tensor image(String name) {
            return o.images(scope, at + name);
        }

        private Tensor noise(int which) {
            HostTensor all = o.file().get(at + "noise", 5);
            long[] shape = Arrays.copyOfRange(all.shape(), 1, 5);
            int size = Math.toIntExact(all.count() / all.shape()[0]);
            float[] z = Arrays.copyOfRange(all.toFloats(), which * size, (which + 1) * size);
            return FileLayout.IMAGE.tensor(scope, HostTensor.f32(shape, z));
        }

        /** The kept one where the mask is 1, the other where it is 0. The mask has one channel or as many as the images. */
        private Tensor chosen(Tensor kept, Tensor other) {
            Tensor mask = image("mask");
            Shape s = kept.shape();
            int channels = Math.toIntExact(s.dim(3));
            int masks = Math.toIntExact(mask.shape().dim(3));
            float[] m = mask.toFloats();
            float[] a = kept.toFloats();
            float[] b = other.toFloats();
            float[] mixed = new float[a.length];
            for (int i = 0; i < mixed.length; i++) {
                float share = m[masks == 1 ? i / channels : i];
                mixed[i] = share * a[i] + (1 - share) * b[i];
            }
            return scope.tensor(s, mixed);
        }
    }
}
