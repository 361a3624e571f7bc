package ddpm.model.unet;

import ddpm.engine.nn.Conv2d;
import ddpm.engine.nn.GroupNorm;
import ddpm.engine.nn.Linear;
import ddpm.engine.nn.MultiHeadAttention;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.Tensor;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * The residual and attention units of one block. The reference keeps them in lists by kind of layer (all first
 * convolutions, then all time projections, ...), which sets the names and the order of the parameters; here they are put
 * together to units.
 *
 * @param residuals in the order they run
 * @param attentions in the order they run; empty where the block has none
 */
record Units(List<ResidualUnit> residuals, List<AttentionUnit> attentions) {
    /**
     * Where a block is in the network.
     *
     * @param name of the block, such as {@code downs.0}
     * @param in channels of its first residual unit's input
     * @param out channels of everything after
     * @param residuals number of residual units
     * @param attentions number of attention units, may be 0
     */
    record Place(String name, int in, int out, int residuals, int attentions) {}

    static Units create(Parameters p, UNetConfig config, Place place) {
        String name = place.name();
        int out = place.out();
        int n = place.residuals();
        int groups = config.normGroups();
        List<NormConv> first =
                list(n, i -> NormConv.create(p, name + ".resnet_conv_first." + i, groups, in(place, i), out));
        List<Linear> time = list(n, i -> new Linear(p, name + ".t_emb_layers." + i + ".1", config.timeEmbDim(), out));
        List<NormConv> second = list(n, i -> NormConv.create(p, name + ".resnet_conv_second." + i, groups, out, out));
        List<GroupNorm> norms =
                list(place.attentions(), i -> new GroupNorm(p, name + ".attention_norms." + i, groups, out));
        List<MultiHeadAttention> attentions = list(
                place.attentions(), i -> new MultiHeadAttention(p, name + ".attentions." + i, out, config.numHeads()));
        List<Conv2d> shortcuts =
                list(n, i -> new Conv2d(p, name + ".residual_input_conv." + i, in(place, i), out, 1, 1, 0));
        return new Units(
                list(
                        n,
                        i -> new ResidualUnit(
                                first.get(i).norm(),
                                first.get(i).conv(),
                                time.get(i),
                                second.get(i).norm(),
                                second.get(i).conv(),
                                shortcuts.get(i))),
                list(place.attentions(), i -> new AttentionUnit(norms.get(i), attentions.get(i))));
    }

    /** Residual unit 0, attention unit 0, residual unit 1, ...; leaves {@code x} to the caller. */
    Tensor inTurn(Tensor x, Tensor emb) {
        Tensor y = x;
        for (int i = 0; i < residuals.size(); i++) {
            Tensor r = residual(i, y, emb);
            if (y != x) {
                y.discard();
            }
            y = attention(i, r);
        }
        return y;
    }

    /** Leaves {@code x} to the caller. */
    Tensor residual(int i, Tensor x, Tensor emb) {
        return residuals.get(i).forward(x, emb);
    }

    /** Ends {@code x}; gives it back where the block has no attention. */
    Tensor attention(int i, Tensor x) {
        return attentions.isEmpty() ? x : attentions.get(i).forward(x);
    }

    private static int in(Place place, int i) {
        return i == 0 ? place.in() : place.out();
    }

    private static <T> List<T> list(int n, IntFunction<T> make) {
        return IntStream.range(0, n).mapToObj(make).toList();
    }

    private record NormConv(GroupNorm norm, Conv2d conv) {
        static NormConv create(Parameters p, String name, int groups, int in, int out) {
            return new NormConv(
                    new GroupNorm(p, name + ".0", groups, in), new Conv2d(p, name + ".2", in, out, 3, 1, 1));
        }
    }
}
