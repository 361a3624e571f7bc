package ddpm.model.dit;

import ddpm.config.Problems;
import ddpm.engine.backend.Backend;

/** The rules that the settings of a {@link DiT} obey; what each is for is in {@link DiTConfig}. */
final class DiTRules {
    /** More would overflow the extents of the tensors long before it would be of use. */
    private static final int LARGEST_SIDE = 4096;

    private static final int LARGEST_WIDTH = 65_536;

    private final DiTConfig config;
    private final Problems problems;

    private DiTRules(DiTConfig config, Problems problems) {
        this.config = config;
        this.problems = problems;
    }

    static void check(DiTConfig config, Problems problems) {
        DiTRules rules = new DiTRules(config, problems);
        rules.checkImages();
        rules.checkWidths();
    }

    /**
     * Returns where the backend computes heads as wide as the configuration's. Not a rule of the configuration: another device may well
     * compute them.
     *
     * @throws ddpm.UserError naming the width and a number of heads that will do
     */
    static void requireHeads(DiTConfig config, Backend backend) {
        Problems problems = new Problems().in("model");
        long widest = backend.attention().widestHead();
        if (config.headWidth() > widest) {
            problems.add(
                    "num_heads",
                    "each head of hidden_size=" + config.hiddenSize() + " is " + config.headWidth()
                            + " wide, the attention of " + backend.name() + " takes at most " + widest + "; choose "
                            + enoughHeads(config.hiddenSize(), widest) + " heads, or --device cpu");
        }
        problems.throwIfAny();
    }

    /** The fewest heads that divide the width and make none wider than {@code widest}. */
    private static long enoughHeads(long width, long widest) {
        long heads = (width + widest - 1) / widest;
        while (width % heads != 0) {
            heads++;
        }
        return heads;
    }

    private void checkImages() {
        if (config.imChannels() != 1 && config.imChannels() != 3) {
            problems.add("im_channels", "must be 1 (grey) or 3 (RGB), got " + config.imChannels());
        }
        int least = Math.min(config.imSize().height(), config.imSize().width());
        int most = Math.max(config.imSize().height(), config.imSize().width());
        if (least < 1 || most > LARGEST_SIDE) {
            problems.add("im_size", "sides must be from 1 to " + LARGEST_SIDE + " pixels, got " + config.imSize());
        }
        if (config.patchSize() < 1 || config.patchSize() > Math.max(1, least)) {
            problems.add(
                    "patch_size",
                    "must be from 1 to the shorter side of " + problems.path("im_size") + ", " + least + ", got "
                            + config.patchSize());
        }
        problems.atLeast(1, "out_channels", config.outChannels());
    }

    private void checkWidths() {
        int width = config.hiddenSize();
        if (width < 4 || width > LARGEST_WIDTH || width % 4 != 0) {
            problems.add(
                    "hidden_size",
                    "must be a multiple of 4 from 4 to " + LARGEST_WIDTH
                            + ": a position becomes sines and cosines of its row and of its column; got " + width);
        }
        problems.atLeast(1, "depth", config.depth());
        problems.atLeast(1, "num_heads", config.numHeads());
        if (config.numHeads() >= 1 && width % config.numHeads() != 0) {
            problems.add(
                    "num_heads",
                    "heads=" + config.numHeads() + " does not divide " + problems.path("hidden_size") + "=" + width
                            + "; choose a divisor of " + width + ", or make it a multiple of " + config.numHeads());
        }
        problems.range(
                width * config.mlpRatio() >= 1 && width * config.mlpRatio() <= LARGEST_WIDTH,
                "mlp_ratio",
                config.mlpRatio(),
                "such that times " + problems.path("hidden_size") + "=" + width + " it is from 1 to " + LARGEST_WIDTH);
    }
}
