package ddpm.verify.network;

import ddpm.diffusion.Condition;
import ddpm.engine.autograd.Gradients;
import ddpm.engine.nn.Parameter;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Tensor;
import ddpm.model.unet2d.UNet2D;
import ddpm.verify.report.Allowance;
import ddpm.verify.report.Check;
import ddpm.verify.report.Difference;
import ddpm.verify.report.Report;
import ddpm.verify.report.Tolerance;
import ddpm.verify.vectors.Expected;
import ddpm.verify.vectors.Facts;
import ddpm.verify.vectors.FileLayout;
import ddpm.verify.vectors.VectorFile;
import java.util.Arrays;

/**
 * One network of unet2d: what each module returns, the output, the loss and its gradients.
 *
 * @param label what the names of the checks begin with
 */
record UNet2DChecks(UNet2D net, VectorFile io, Facts facts, String label, Report report) {
    private static final String ACTIVATIONS = "act/";
    private static final String GRADIENTS = "grad/";

    void run() {
        facts.only(
                "parameters",
                "tensors",
                "input_shape",
                "t",
                "labels",
                "loss",
                "output_sum",
                "output_sum_abs",
                "gradient_norm_all",
                "gradient_norms",
                "measured_float32"); // what float32 costs the reference itself: nothing to compare
        exact("parameters", net.parameters().count());
        exact("tensors", net.parameters().list().size());
        exact("input_shape", asDoubles(io.get("x").shape()));
        exact("t", asDoubles(io.get("t").toLongs()));
        Expected expected = new Expected(io, label, report);
        try (Scope scope = Scope.recording(net.parameters().backend())) {
            Tensor x = FileLayout.IMAGE.leaf(scope, io.get("x", 4));
            Tensor time = Batch.times(scope, io.timesteps("t", Integer.MAX_VALUE));
            expected.compare("time_sinusoid", FileLayout.PLAIN, net.config().waves(time), Tolerance.TIME_EMBEDDING);
            Tensor y = net.forward(x, time, condition(scope), (module, value) -> {
                if (io.has(ACTIVATIONS + module)) {
                    FileLayout layout = value.shape().rank() == 4 ? FileLayout.IMAGE : FileLayout.PLAIN;
                    expected.compare(ACTIVATIONS + module, layout, value, Allowance.ACTIVATION);
                }
            });
            output(expected, y);
            Tensor loss = y.mse(FileLayout.IMAGE.tensor(scope, io.get("eps", 4)));
            expected.compare("loss", new long[0], new double[] {loss.item()}, Tolerance.SMALL_LOSS);
            near("loss, rounded less", facts.number("loss"), loss.item(), Tolerance.SMALL_LOSS);
            gradients(expected, x, scope.tape().backward(loss));
        }
    }

    private Condition condition(Scope scope) {
        if (!io.has("labels")) {
            exact("labels", facts.get("labels").isNull() ? new double[0] : facts.numbers("labels"), new double[0]);
            return Condition.NONE;
        }
        int[] labels = io.timesteps("labels", Integer.MAX_VALUE);
        exact(
                "labels",
                facts.numbers("labels"),
                Arrays.stream(labels).asDoubleStream().toArray());
        return Condition.of(scope, labels);
    }

    private void output(Expected expected, Tensor y) {
        expected.compare("output", FileLayout.IMAGE, y, Tolerance.SMALL_OUTPUT);
        double[] values = Difference.widen(y.toFloats());
        Tolerance sum = Tolerance.ofSum(values.length, Tolerance.SMALL_OUTPUT);
        near("output_sum", facts.number("output_sum"), Arrays.stream(values).sum(), sum);
        near(
                "output_sum_abs",
                facts.number("output_sum_abs"),
                Arrays.stream(values).map(Math::abs).sum(),
                sum);
    }

    private void gradients(Expected expected, Tensor x, Gradients gradients) {
        expected.compare("dx", FileLayout.IMAGE, gradients.of(x), Tolerance.UNET2D_GRADIENT);
        double squares = 0;
        for (Parameter p : net.parameters().list()) {
            Tensor g = gradients.of(p.value());
            double norm = GradientNorms.norm(g.toFloats());
            squares += norm * norm;
            if (io.has(GRADIENTS + p.name())) {
                double[] values = Difference.widen(p.layout().toFile(g.shape(), g.toFloats()));
                expected.compare(GRADIENTS + p.name(), p.fileShape().toArray(), values, Tolerance.UNET2D_GRADIENT);
            }
        }
        double all = facts.number("gradient_norm_all");
        near("gradient_norm_all", all, Math.sqrt(squares), Tolerance.absolute(Tolerance.FULL_GRADIENT_NORM * all));
        new GradientNorms(net.parameters(), report)
                .compare(label + "gradient_norms", facts.in("gradient_norms"), gradients);
    }

    private void near(String what, double want, double got, Tolerance tolerance) {
        report.add(Check.of(label + what, new double[] {want}, new double[] {got}, tolerance));
    }

    private void exact(String what, double... got) {
        exact(what, facts.numbers(what), got);
    }

    private void exact(String what, double[] want, double[] got) {
        report.add(Check.exact(label + what, want, got));
    }

    private static double[] asDoubles(long[] values) {
        return Arrays.stream(values).asDoubleStream().toArray();
    }
}
