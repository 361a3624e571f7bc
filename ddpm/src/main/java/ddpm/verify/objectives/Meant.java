package ddpm.verify.objectives;

import ddpm.diffusion.Prediction;
import ddpm.diffusion.Schedule;
import ddpm.diffusion.Variance;
import ddpm.diffusion.solver.Clip;
import ddpm.diffusion.solver.Course;
import ddpm.diffusion.solver.Ddim;
import ddpm.diffusion.solver.Level;
import ddpm.diffusion.solver.Stage;
import ddpm.engine.backend.ReverseStep;
import ddpm.engine.ops.Reverse;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * What a network's output means where every image has its own t: the estimates of the image and of eps, by the kernel of the
 * samplers.
 */
record Meant(Tensor x0, Tensor eps) {
    /** Nothing but noise: a step of {@link Ddim} that ends here gives eps. */
    private static final Level NOISE = new Level(0, 0, 1, 1, 0, 0, 1);

    /** @param t of each image @param x [N,H,W,C] @param f the network's output for it */
    static Meant of(Schedule schedule, Prediction prediction, double[] t, Tensor x, Tensor f) {
        float[] xs = x.toFloats();
        float[] fs = f.toFloats();
        float[] x0 = new float[xs.length];
        float[] eps = new float[xs.length];
        int size = xs.length / t.length;
        Shape one = Shape.of(x.nhwc("verify").withN(1));
        for (int i = 0; i < t.length; i++) {
            Tensor xi = x.scope().tensor(one, Arrays.copyOfRange(xs, i * size, (i + 1) * size));
            Tensor fi = x.scope().tensor(one, Arrays.copyOfRange(fs, i * size, (i + 1) * size));
            Reverse.Result result = apply(stage(schedule, prediction, t[i]), xi, fi);
            System.arraycopy(result.x0().toFloats(), 0, x0, i * size, size);
            System.arraycopy(result.next().toFloats(), 0, eps, i * size, size);
        }
        return new Meant(x.scope().tensor(x.shape(), x0), x.scope().tensor(x.shape(), eps));
    }

    private static Stage stage(Schedule schedule, Prediction prediction, double t) {
        List<Level> from = List.of(Level.at(schedule, prediction, t));
        Course course = new Course(schedule, prediction, from, NOISE, Clip.NONE, Variance.FIXED_SMALL);
        return new Ddim(0, false).plan(course).stages().get(0);
    }

    private static Reverse.Result apply(Stage stage, Tensor x, Tensor f) {
        Tensor numbers =
                x.scope().tensor(Shape.of(ReverseStep.WORDS), stage.numbers(0).toWords());
        return Reverse.apply(stage.step(x.nhwc("verify"), 0, 0), numbers, x, f);
    }
}
