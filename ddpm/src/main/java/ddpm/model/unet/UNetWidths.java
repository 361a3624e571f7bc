package ddpm.model.unet;

import ddpm.config.Problems;
import ddpm.engine.backend.Backend;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The rules that the widths of a U-Net obey; what each is for is in {@link UNetConfig}. */
final class UNetWidths {
    /** More would overflow the extents of the tensors long before it would be of use. */
    private static final int LARGEST_SIDE = 4096;

    private static final int MOST_HALVINGS = 12;

    private final UNetConfig config;
    private final Problems problems;

    private UNetWidths(UNetConfig config, Problems problems) {
        this.config = config;
        this.problems = problems;
    }

    static void check(UNetConfig config, Problems problems) {
        UNetWidths widths = new UNetWidths(config, problems);
        int before = problems.found().size();
        widths.checkNumbers();
        widths.checkLengths();
        if (problems.found().size() == before) {
            // only now every width that the following looks up is there and positive
            widths.checkBottom();
            widths.checkDivisible("norm_groups", "groups", config.normGroups(), widths.normalised());
            widths.checkDivisible("num_heads", "heads", config.numHeads(), widths.attended());
        }
    }

    /**
     * Returns where the backend computes the heads of every self-attention. Not a rule of the configuration: another device
     * may well compute them.
     *
     * @throws ddpm.UserError naming each width whose heads are too wide, and a number of heads that would do
     */
    static void requireHeads(UNetConfig config, Backend backend) {
        Problems problems = new Problems().in("model");
        new UNetWidths(config, problems)
                .checkHeads(backend.name(), backend.attention().widestHead());
        problems.throwIfAny();
    }

    private void checkHeads(String device, long widest) {
        Map<Integer, List<String>> widths = attended();
        widths.forEach((width, where) -> {
            int head = width / config.numHeads();
            if (head > widest) {
                problems.add(
                        "num_heads",
                        "heads=" + config.numHeads() + " makes each head of C=" + width + " ("
                                + String.join(", ", where) + ") " + head + " wide, the attention of " + device
                                + " takes at most " + widest + "; " + narrower(widths, widest)
                                + ", or --device cpu");
            }
        });
    }

    /** The fewest heads that divide every width and make none too wide; where there are none, the largest has to change. */
    private static String narrower(Map<Integer, List<String>> widths, long widest) {
        int common = common(widths.keySet());
        int largest = Collections.max(widths.keySet());
        for (int d = 1; d <= common; d++) {
            if (common % d == 0 && largest / d <= widest) {
                return "choose " + d;
            }
        }
        return "make " + widths.get(largest).get(0) + " smaller";
    }

    private static int common(Collection<Integer> widths) {
        return widths.stream()
                .map(BigInteger::valueOf)
                .reduce(BigInteger.ZERO, BigInteger::gcd)
                .intValue();
    }

    private void checkNumbers() {
        if (config.imChannels() != 1 && config.imChannels() != 3) {
            problems.add("im_channels", "must be 1 (grey) or 3 (RGB), got " + config.imChannels());
        }
        int height = config.imSize().height();
        int width = config.imSize().width();
        if (Math.min(height, width) < 1 || Math.max(height, width) > LARGEST_SIDE) {
            problems.add("im_size", "sides must be from 1 to " + LARGEST_SIDE + " pixels, got " + config.imSize());
        }
        checkPositive("down_channels", config.downChannels());
        checkPositive("mid_channels", config.midChannels());
        if (config.timeEmbDim() < 2 || config.timeEmbDim() % 2 != 0) {
            problems.add(
                    "time_emb_dim",
                    "must be even and at least 2 (half sines, half cosines), got " + config.timeEmbDim());
        }
        problems.atLeast(1, "num_down_layers", config.numDownLayers());
        problems.atLeast(1, "num_mid_layers", config.numMidLayers());
        problems.atLeast(1, "num_up_layers", config.numUpLayers());
        problems.atLeast(1, "num_heads", config.numHeads());
        problems.atLeast(1, "norm_groups", config.normGroups());
        problems.atLeast(1, "conv_out_channels", config.convOutChannels());
        problems.atLeast(1, "out_channels", config.outChannels());
    }

    private void checkPositive(String key, List<Integer> widths) {
        for (int i = 0; i < widths.size(); i++) {
            problems.atLeast(1, key + "[" + i + "]", widths.get(i));
        }
    }

    private void checkLengths() {
        if (config.downChannels().size() < 2) {
            problems.add("down_channels", "needs at least 2 widths, got " + config.downChannels());
            return;
        }
        if (config.midChannels().size() < 2) {
            problems.add("mid_channels", "needs at least 2 widths, got " + config.midChannels());
        }
        checkPerLevel("down_sample", config.downSample());
        checkPerLevel("attention", config.attention());
        if (Collections.frequency(config.downSample(), true) > MOST_HALVINGS) {
            problems.add("down_sample", "halves the image more than " + MOST_HALVINGS + " times");
        }
    }

    private void checkPerLevel(String key, List<Boolean> flags) {
        if (flags.size() != config.levels()) {
            problems.add(
                    key,
                    flags.size() + " entries for the " + config.levels() + " levels of "
                            + problems.path("down_channels") + "=" + config.downChannels()
                            + "; give one per level, one less than the widths");
        }
    }

    private void checkBottom() {
        int last = config.downChannels().size() - 1;
        checkJoin("first", 0, last);
        checkJoin("last", config.midChannels().size() - 1, last - 1);
    }

    private void checkJoin(String which, int mid, int down) {
        int got = config.midChannels().get(mid);
        int needed = config.downChannels().get(down);
        if (got != needed) {
            problems.add(
                    "mid_channels[" + mid + "]",
                    "the " + which + " width is " + got + " but joins " + problems.path("down_channels") + "[" + down
                            + "]=" + needed + "; set it to " + needed);
        }
    }

    /** One problem per width that {@code divisor} does not divide, with what would divide all of them. */
    private void checkDivisible(String key, String name, int divisor, Map<Integer, List<String>> widths) {
        widths.forEach((width, where) -> {
            if (width % divisor != 0) {
                problems.add(
                        key,
                        name + "=" + divisor + " does not divide C=" + width + " (" + String.join(", ", where) + "); "
                                + remedy(divisor, widths.keySet(), where.get(0)));
            }
        });
    }

    /** Two divisors near {@code divisor} that divide every width; where there is none but 1, the width has to change. */
    private static String remedy(int divisor, Collection<Integer> widths, String where) {
        int common = common(widths);
        List<Integer> fit = new ArrayList<>();
        for (int d = divisor - 1; d > 1 && fit.size() < 2; d--) {
            if (common % d == 0) {
                fit.add(0, d);
            }
        }
        for (int d = divisor + 1; d <= common && fit.size() < 2; d++) {
            if (common % d == 0) {
                fit.add(d);
            }
        }
        return fit.isEmpty()
                ? "make " + where + " a multiple of " + divisor
                : "choose " + Problems.list(fit.stream().map(String::valueOf).toList(), "or");
    }

    /** Every width that meets a group normalisation, with the keys that set it. */
    private Map<Integer, List<String>> normalised() {
        Map<Integer, List<String>> widths = new LinkedHashMap<>();
        for (int i = 0; i < config.downChannels().size(); i++) {
            add(widths, config.downChannels().get(i), "down_channels[" + i + "]");
        }
        for (int i = 0; i < config.midChannels().size(); i++) {
            add(widths, config.midChannels().get(i), "mid_channels[" + i + "]");
        }
        add(widths, config.convOutChannels(), "conv_out_channels");
        return widths;
    }

    /** Every width that meets a self-attention, with the keys that set it. */
    private Map<Integer, List<String>> attended() {
        Map<Integer, List<String>> widths = new LinkedHashMap<>();
        for (int i = 0; i < config.levels(); i++) {
            if (config.attention().get(i)) {
                add(widths, config.downChannels().get(i + 1), "down_channels[" + (i + 1) + "]");
                add(widths, config.upChannels(i), i == 0 ? "conv_out_channels" : "down_channels[" + (i - 1) + "]");
            }
        }
        for (int i = 1; config.midAttention() && i < config.midChannels().size(); i++) {
            add(widths, config.midChannels().get(i), "mid_channels[" + i + "]");
        }
        return widths;
    }

    private void add(Map<Integer, List<String>> widths, int width, String key) {
        List<String> keys = widths.computeIfAbsent(width, w -> new ArrayList<>());
        if (!keys.contains(problems.path(key))) {
            keys.add(problems.path(key));
        }
    }
}
