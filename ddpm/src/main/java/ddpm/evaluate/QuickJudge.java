package ddpm.evaluate;

import ddpm.UserError;
import ddpm.data.DataSpec;
import ddpm.data.ImageSet;
import ddpm.data.source.DataEnvironment;
import ddpm.data.source.DataSources;
import ddpm.engine.backend.Backend;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cpu.CpuBackend;
import ddpm.evaluate.measure.Manifolds;
import ddpm.evaluate.measure.Products;
import ddpm.evaluate.measure.Rows;
import ddpm.picture.Drawn;
import ddpm.terminal.Progress;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * The part of an evaluation that a training can afford again and again: a few hundred drawn images against the features of
 * real ones, which are made once. It keeps no images. It computes on the CPU in float32 whatever the training computes
 * on: nothing of it is in the training's memory, and one network gives the same numbers for all devices and precisions.
 */
public final class QuickJudge implements AutoCloseable {
    private final Backend backend;
    private final Judge judge;
    private final Products products;
    private final Closeness.Reference reference;
    private final int count;
    private final Finding real;

    /**
     * What it says of some images; see {@code ddpm evaluate} for the quantities.
     *
     * @param frechet distance   @param kid kernel distance
     * @param precision 0 .. 1   @param recall 0 .. 1
     */
    public record Finding(double frechet, double kid, double precision, double recall) {
        private static Finding of(Closeness c) {
            return new Finding(c.frechet(), c.kid(), c.precision(), c.recall());
        }
    }

    private QuickJudge(Backend backend, Judge judge, Reality reality, int count) {
        this.backend = backend;
        this.judge = judge;
        this.products = new Products(backend);
        this.reference =
                Closeness.Reference.of(products, features(reality.all().at(reality.reference(Closeness.REFERENCE))));
        this.count = count;
        this.real = finding(reality.heldOut().part(0, count));
    }

    /**
     * The one for a set of images.
     *
     * @param set the images of the training
     * @param spec where they are from, with their size and channels: held-out images are looked for there
     * @param count drawn images of an evaluation, and held-out images beside them, where there are as many
     * @param say takes lines for the user   @param lessons shows so many steps of teaching
     * @throws UserError where there are too few images
     */
    public static QuickJudge of(
            ImageSet set,
            DataSpec spec,
            int count,
            DataEnvironment environment,
            Consumer<String> say,
            IntFunction<Progress> lessons) {
        Optional<ImageSet> test = DataSources.heldOut(spec, count, environment);
        Reality reality = Reality.of(set, test, count);
        int held = Math.min(count, reality.heldOut().count());
        if (held < Manifolds.FEWEST || reality.training().length < Manifolds.FEWEST) {
            throw UserError.usage("train.evaluate_every: " + set.name() + " has " + set.count() + " images, of which "
                    + held + " can be held out, and needed are " + Manifolds.FEWEST
                    + "; set it to 0, or name more images with --data");
        }
        Backend cpu = new CpuBackend(Precision.FP32);
        Judge judge = null;
        try {
            Judges judges = new Judges(cpu, environment, say, lessons);
            judge = judges.of(reality);
            judges.notes().forEach(say);
            return new QuickJudge(cpu, judge, reality, held);
        } catch (RuntimeException | Error e) {
            if (judge != null) {
                judge.close();
            }
            cpu.close();
            throw e;
        }
    }

    /** Which network makes the features, for the user. */
    public String text() {
        return judge.text();
    }

    /** Images to draw for an evaluation: {@link #real} is of as many, since the numbers depend on it. */
    public int count() {
        return count;
    }

    /** What real images get, which no training sees where the source keeps some apart. */
    public Finding real() {
        return real;
    }

    /** What drawn images get. @param drawn {@link #count} of the data's size and channels */
    public Finding of(Drawn drawn) {
        return finding(Samples.of(drawn, null).pixels());
    }

    private Finding finding(Rows pixels) {
        return Finding.of(Closeness.of(products, reference, reference.standard(features(pixels))));
    }

    private Rows features(Rows pixels) {
        return judge.file().net().see(pixels).features();
    }

    @Override
    public void close() {
        judge.close();
        backend.close();
    }
}
