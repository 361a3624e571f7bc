package ddpm.verify.network;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.nn.Parameter;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Tensor;
import ddpm.model.unet.UNet;
import ddpm.verify.report.Check;
import ddpm.verify.report.Difference;
import ddpm.verify.report.Report;
import ddpm.verify.report.Tolerance;
import ddpm.verify.vectors.Expected;
import ddpm.verify.vectors.FileLayout;
import ddpm.verify.vectors.VectorFile;
import java.util.List;
import java.util.Optional;

/** The loss of unet_small, and its gradients with respect to x and to every parameter. */
record GradientChecks(UNet net, Batch batch, Report report) {
    void run(VectorFile io, Optional<ReferenceGradients> grads) {
        Expected expected = new Expected(io, SmallUNetSuite.LABEL, report);
        try (Scope scope = Scope.recording(net.parameters().backend())) {
            Tensor x = batch.x(scope);
            Tensor loss = net.forward(x, batch.t(scope)).mse(batch.target(scope));
            expected.compare("loss", new long[0], new double[] {loss.item()}, Tolerance.SMALL_LOSS);
            Gradients gradients = scope.tape().backward(loss);
            expected.compare("dx", FileLayout.IMAGE, gradients.of(x), Tolerance.SMALL_GRADIENT);
            grads.ifPresent(wanted -> parameters(wanted, gradients));
        }
    }

    /** Two rows for all: the worst parameter by itself, and the L2 norm over all of them. */
    private void parameters(ReferenceGradients wanted, Gradients gradients) {
        Check worst = null;
        double squares = 0;
        double wantSquares = 0;
        double maxAbs = 0;
        for (Parameter p : net.parameters().list()) {
            double[] want = wanted.of(p);
            Tensor g = gradients.of(p.value());
            double[] got = Difference.widen(p.layout().toFile(g.shape(), g.toFloats()));
            Difference d = Difference.of(want, got);
            squares += d.squares();
            wantSquares += d.wantSquares();
            maxAbs = Math.max(maxAbs, d.maxAbs()); // of a NaN it is NaN
            Check c = Check.of(p.name(), want, got, Tolerance.gradient(wanted.floor()));
            if (worst == null || !(c.used() <= worst.used()) && !Double.isNaN(worst.used())) {
                worst = c;
            }
        }
        List<Parameter> all = net.parameters().list();
        report.add(worst.named(SmallUNetSuite.LABEL + "grads, worst of " + all.size())
                .with("worst: " + worst.name()));
        double l2 = Math.sqrt(squares / wantSquares);
        report.add(
                Check.relative(SmallUNetSuite.LABEL + "grads, all together", maxAbs, l2, Tolerance.SMALL_GRADIENTS_L2));
    }
}
