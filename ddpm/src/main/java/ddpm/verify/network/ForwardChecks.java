package ddpm.verify.network;

import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Tensor;
import ddpm.model.unet.UNet;
import ddpm.verify.report.Report;
import ddpm.verify.report.Tolerance;
import ddpm.verify.vectors.Expected;
import ddpm.verify.vectors.FileLayout;
import ddpm.verify.vectors.VectorFile;

/** The forward pass of unet_small: the embedding of t, what each module returns, the output. */
record ForwardChecks(UNet net, Batch batch, VectorFile io, Report report) {
    private static final String ACTIVATIONS = "act/";

    void run() {
        Expected expected = new Expected(io, SmallUNetSuite.LABEL, report);
        try (Scope scope = Scope.on(net.parameters().backend())) {
            Tensor embedding = batch.t(scope).timestepEmbedding(net.config().timeEmbDim());
            expected.compare("t_emb", FileLayout.PLAIN, embedding, Tolerance.TIME_EMBEDDING);
            Tensor y = net.forward(batch.x(scope), batch.t(scope), (module, value) -> {
                FileLayout layout = value.shape().rank() == 4 ? FileLayout.IMAGE : FileLayout.PLAIN;
                expected.compare(ACTIVATIONS + module, layout, value, Tolerance.ACTIVATION);
            });
            // beside the documented ones a file may have the last module, whose result is the output
            if (io.has(ACTIVATIONS + "conv_out")) {
                expected.compare(ACTIVATIONS + "conv_out", FileLayout.IMAGE, y, Tolerance.SMALL_OUTPUT);
            }
            expected.compare("output", FileLayout.IMAGE, y, Tolerance.SMALL_OUTPUT);
        }
    }
}
