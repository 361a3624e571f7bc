package ddpm.model.unet;

import ddpm.engine.nn.Linear;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.Tensor;

/** Times to vectors: sines and cosines (Vaswani et al. 2017, section 3.5), Linear, SiLU, Linear. */
final class TimeEmbedding {
    private final int dim;
    private final Linear first;
    private final Linear second;

    TimeEmbedding(Parameters p, int dim) {
        this.dim = dim;
        this.first = new Linear(p, "t_proj.0", dim, dim);
        this.second = new Linear(p, "t_proj.2", dim, dim);
    }

    /** F32 [N] to [N,dim]: silu of the embedding, which is where every block's projection begins. */
    Tensor forward(Tensor time, Probe probe) {
        Tensor waves = time.timestepEmbedding(dim);
        Tensor a = first.forward(waves);
        waves.discard();
        Tensor b = silu(a);
        Tensor c = second.forward(b);
        b.discard();
        probe.see("t_proj", c);
        return silu(c);
    }

    private static Tensor silu(Tensor x) {
        Tensor y = x.silu();
        x.discard();
        return y;
    }
}
