package ddpm.diffusion.solver;

import ddpm.diffusion.Streams;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.ReverseStep;
import ddpm.engine.backend.ReverseStep.Clipping;
import java.util.HashSet;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One row of a solver's table: ask the network at a level, estimate the image, form the next x, and leave in slots what later
 * stages need.
 *
 * <pre>
 * x0   = a x + b F, clipped
 * next = mix of x0, x, F, slots  +  sd z          slots[save] = another mix          slots[keep] = a third, of x0, x, F
 * </pre>
 *
 * A stage without a network only adds noise: next = x + sd z.
 */
public final class Stage {
    private final Level level;
    private final boolean evaluates;
    private final Clip clip;
    private final long key;
    private final Mix next;
    private double sd;
    private boolean learned;
    private double logLarge;
    private double logSmall;
    private int save = -1;
    private Mix saved;
    private int keep = -1;
    private Mix kept;
    private boolean endsStep = true;

    private Stage(Level level, boolean evaluates, Clip clip, long key) {
        this.level = level;
        this.evaluates = evaluates;
        this.clip = clip;
        this.key = key;
        this.next = new Mix(level);
    }

    /**
     * A stage that asks the network.
     *
     * @param key of the noise that it draws, one for each stage of a chain
     * @param next what the next x is made of
     */
    static Stage at(Level level, Clip clip, long key, UnaryOperator<Mix> next) {
        Stage stage = new Stage(level, true, clip, key);
        next.apply(stage.next);
        stage.fold(stage.next);
        return stage;
    }

    /** A stage that only adds noise of a standard deviation. */
    static Stage noise(Level level, long key, double sd) {
        Stage stage = new Stage(level, false, Clip.NONE, key);
        stage.next.x(1);
        stage.sd = sd;
        stage.endsStep = false;
        return stage;
    }

    /** A stage that noises x from one level to a higher one: the forward process between them, q(x_from | x_to). */
    static Stage back(Level to, Level from, long key) {
        double scale = from.signal() / to.signal();
        double variance = from.noise() * from.noise() - scale * scale * to.noise() * to.noise();
        Stage stage = noise(to, key, Math.sqrt(Math.max(0, variance)));
        stage.next.x(scale - 1);
        return stage;
    }

    /** The same with noise of its own. */
    Stage withKey(long other) {
        Stage copy = new Stage(level, evaluates, clip, other);
        copy.next.plus(1, next);
        copy.sd = sd;
        copy.learned = learned;
        copy.logLarge = logLarge;
        copy.logSmall = logSmall;
        copy.save = save;
        copy.saved = saved;
        copy.keep = keep;
        copy.kept = kept;
        copy.endsStep = endsStep;
        return copy;
    }

    private void fold(Mix mix) {
        if (clip.isNone()) {
            mix.foldX0();
        }
    }

    /** Adds noise of that standard deviation to the next x. */
    Stage sd(double value) {
        sd = value;
        return this;
    }

    /** Adds noise whose variance the network chose between two, in logarithms. Nichol &amp; Dhariwal 2021, equation 15. */
    Stage learnedVariance(double large, double small) {
        learned = true;
        logLarge = Math.log(large);
        logSmall = Math.log(small);
        sd = 1;
        return this;
    }

    /** The output has a half for the variance, which this stage does not ask for. */
    Stage withVarianceOutput() {
        learned = true;
        return this;
    }

    /** Leaves a mix, which may read slots, in a slot. */
    Stage save(int slot, UnaryOperator<Mix> mix) {
        save = slot;
        saved = mix.apply(new Mix(level));
        fold(saved);
        return this;
    }

    /** Leaves a mix of this stage's x_0, x and F in a slot. */
    Stage keep(int slot, UnaryOperator<Mix> mix) {
        keep = slot;
        kept = mix.apply(new Mix(level));
        fold(kept);
        return this;
    }

    /** The x that follows is a point within a step. */
    Stage within() {
        endsStep = false;
        return this;
    }

    /** Where the network is asked. */
    public Level level() {
        return level;
    }

    /** Whether the network is asked. */
    public boolean evaluates() {
        return evaluates;
    }

    public Clip clip() {
        return clip;
    }

    /** Of the noise, see {@link ddpm.engine.random.Philox}. */
    public long key() {
        return key;
    }

    public Mix next() {
        return next;
    }

    /** Standard deviation of the noise; with a learned variance 1, or 0 for none. */
    public double sd() {
        return sd;
    }

    /** Whether the output has a half that chooses the variance. */
    public boolean learned() {
        return learned;
    }

    public double logLarge() {
        return logLarge;
    }

    public double logSmall() {
        return logSmall;
    }

    /** Slot of {@link #saved}; -1 for none. */
    public int save() {
        return save;
    }

    /** Null where nothing is saved. */
    public Mix saved() {
        return saved;
    }

    /** Slot of {@link #kept}; -1 for none. */
    public int keep() {
        return keep;
    }

    /** Null where nothing is kept. */
    public Mix kept() {
        return kept;
    }

    /** Whether the x that follows is one of the solver's steps and not a point within one. */
    public boolean endsStep() {
        return endsStep;
    }

    /** Slots whose values go into the next x or into another slot. */
    Set<Integer> slotsRead() {
        Set<Integer> read = new HashSet<>();
        for (int i = 0; i < Mix.SLOTS; i++) {
            if (next.slot(i) != 0 || saved != null && saved.slot(i) != 0) {
                read.add(i);
            }
        }
        return read;
    }

    /** Slots that it leaves something in. */
    Set<Integer> slotsWritten() {
        return Stream.of(save, keep).filter(slot -> slot >= 0).collect(Collectors.toSet());
    }

    /** Slots that the stage reads or writes. */
    int slotsUsed() {
        int used = Math.max(next.slotsUsed(), Math.max(save, keep) + 1);
        return saved == null ? used : Math.max(used, saved.slotsUsed());
    }

    /** What stays the same in all alike stages of a chain. */
    public ReverseStep step(Nhwc images, long seed, int slots) {
        Clipping clipping = clip.isNone() ? Clipping.NONE : clip.quantile() > 0 ? Clipping.THRESHOLD : Clipping.CLIP;
        return new ReverseStep(images, seed, Streams.REVERSE, slots, clipping, evaluates, learned);
    }

    /** The numbers of this one, for rows of images numbered from {@code firstImage}. */
    public ReverseStep.Numbers numbers(long firstImage) {
        ReverseStep.Numbers n = new ReverseStep.Numbers()
                .key(Math.toIntExact(key))
                .firstImage(Math.toIntExact(firstImage))
                .estimate((float) level.a(), (float) level.b())
                .range((float) clip.range())
                .quantile((float) clip.quantile())
                .next((float) next.x0(), (float) next.x(), (float) next.f())
                .noise((float) sd)
                .logVariances((float) logLarge, (float) logSmall)
                .inputScale((float) level.input());
        if (keep >= 0) {
            n.keep(keep, (float) kept.x0(), (float) kept.x(), (float) kept.f());
        }
        if (save >= 0) {
            n.save(save, (float) saved.x0(), (float) saved.x(), (float) saved.f());
        }
        for (int i = 0; i < Mix.SLOTS; i++) {
            n.nextFrom(i, (float) next.slot(i));
            n.saveFrom(i, saved == null ? 0 : (float) saved.slot(i));
        }
        return n;
    }
}
