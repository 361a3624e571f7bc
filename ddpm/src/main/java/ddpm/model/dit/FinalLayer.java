package ddpm.model.dit;

import ddpm.engine.nn.Init;
import ddpm.engine.nn.Linear;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.Tensor;

/** The pixels of each patch: Linear(norm(x) (1 + scale) + shift). It begins with zeros, as what scales and shifts does. */
final class FinalLayer {
    private static final int PARTS = 2; // shift, scale

    private final Linear linear;
    private final Modulation modulation;

    FinalLayer(Parameters p, DiTConfig config) {
        int width = config.hiddenSize();
        int pixels = config.patchSize() * config.patchSize();
        this.linear = new Linear(
                p, "final_layer.linear", width, pixels * config.outChannels(), Init.constant(0), Init.constant(0));
        this.modulation = new Modulation(p, "final_layer", width, PARTS);
    }

    /** [N,h,w,D] to [N,h,w,p*p*out_channels]; ends {@code x}. @param condition silu of the embedding [N,D] */
    Tensor forward(Tensor x, Tensor condition) {
        Tensor all = modulation.forward(condition);
        Tensor y = x.into(in -> modulation.normalised(in, all, 0)).into(linear::forward);
        all.discard();
        return y;
    }
}
