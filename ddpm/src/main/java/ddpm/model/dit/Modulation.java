package ddpm.model.dit;

import ddpm.engine.nn.Init;
import ddpm.engine.nn.Linear;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.Tensor;

/**
 * adaLN: a linear layer of the condition gives each image its own shifts, scales and gates, D numbers each. It begins with zeros, so that
 * every block of a new network adds nothing and hands on what it is given ("adaLN-Zero"). Peebles &amp; Xie 2023, section 3.2.
 */
final class Modulation {
    /** Added to each variance; DiT's. */
    private static final float EPS = 1e-6f;

    private final Linear linear;
    private final int width;

    /** @param name of the block @param parts so many vectors of {@code width} */
    Modulation(Parameters p, String name, int width, int parts) {
        this.linear =
                new Linear(p, name + ".adaLN_modulation.1", width, parts * width, Init.constant(0), Init.constant(0));
        this.width = width;
    }

    /** [N,D] to [N,parts*D]. @param condition silu of the embedding */
    Tensor forward(Tensor condition) {
        return linear.forward(condition);
    }

    /** Vector {@code i} of each image, [N,D]. */
    Tensor part(Tensor all, int i) {
        return all.sliceChannels((long) i * width, (i + 1L) * width);
    }

    /** norm(x) (1 + scale) + shift; leaves {@code x} to the caller. @param shift number of the vector; the scale is the next */
    Tensor normalised(Tensor x, Tensor all, int shift) {
        Tensor second = part(all, shift);
        Tensor scaleShift = part(all, shift + 1).into(scale -> scale.concatChannels(second));
        second.discard();
        Tensor y = x.layerNorm(EPS).into(n -> n.modulate(scaleShift));
        scaleShift.discard();
        return y;
    }
}
