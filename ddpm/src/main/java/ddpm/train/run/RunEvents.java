package ddpm.train.run;

import ddpm.engine.disk.IoReason;
import ddpm.evaluate.QuickJudge.Finding;
import ddpm.tensorboard.Event;
import ddpm.tensorboard.EventFile;
import ddpm.train.LossByTime;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.ToDoubleFunction;

/**
 * A training for TensorBoard: the lines of metrics and the evaluations as curves, the previews as pictures, in a file in the run folder that is
 * begun with the first of them. A run that goes on gets a file of its own, which says from where on it replaces the ones before;
 * where there are none, it begins with what metrics.jsonl holds.
 */
final class RunEvents implements Closeable {
    private static final double MEGA = 1e6;

    private final Path folder;
    private final Path metrics;
    private final Path evaluations;
    private final boolean wanted;
    private final DoubleSupplier clock;
    private long next; // the first step that the next file tells of
    private EventFile file; // null before the first event

    private RunEvents(RunFolder run, long step, boolean wanted, DoubleSupplier clock) {
        this.folder = run.path();
        this.metrics = run.metrics();
        this.evaluations = run.evaluations();
        this.next = step + 1;
        this.wanted = wanted;
        this.clock = clock;
    }

    /** @param step done so far @param wanted whether anything is to be written */
    static RunEvents of(RunFolder run, long step, boolean wanted) {
        return of(run, step, wanted, () -> System.currentTimeMillis() / 1e3);
    }

    /** @param clock of seconds since 1970 */
    static RunEvents of(RunFolder run, long step, boolean wanted, DoubleSupplier clock) {
        return new RunEvents(run, step, wanted, clock);
    }

    /**
     * The curves' next points.
     *
     * @param line stands in metrics.jsonl
     * @throws RunFolderException when they cannot be written
     */
    void add(Metrics line) throws IOException {
        if (wanted) {
            append(line.step(), seconds -> scalars(seconds, line));
        }
    }

    /**
     * An evaluation.
     *
     * @throws RunFolderException when it cannot be written
     */
    void add(EvaluationLine line) throws IOException {
        if (wanted) {
            append(line.step(), seconds -> scalars(seconds, line));
        }
    }

    /**
     * A preview.
     *
     * @param png its file
     * @throws RunFolderException when it cannot be read or written
     */
    void add(long step, Path png) throws IOException {
        if (wanted) {
            append(step, seconds -> Event.image(seconds, step, "samples", Files.readAllBytes(png)));
        }
    }

    /** An event at a time. */
    private interface Timed {
        Event at(double seconds) throws IOException;
    }

    private void append(long step, Timed event) throws IOException {
        double now = clock.getAsDouble();
        try {
            if (file == null || !Files.exists(file.path())) { // removed meanwhile: nobody would read on in it
                close();
                file = begun(now, Math.max(step, next));
            }
            file.append(event.at(now));
            next = step + 1;
        } catch (RunFolderException e) {
            throw e;
        } catch (IOException e) {
            throw new RunFolderException(
                    "event files cannot be written into " + folder + ": " + IoReason.of(e)
                            + "; free space, or go on with train.tensorboard=false",
                    e);
        }
    }

    private EventFile begun(double now, long step) throws IOException {
        boolean alone = EventFile.in(folder).isEmpty();
        EventFile begun = EventFile.create(folder, now);
        try {
            if (!alone) {
                begun.append(Event.restart(now, next));
                return begun;
            }
            List<Metrics> all = MetricsLog.read(metrics);
            double end = all.isEmpty() ? 0 : all.get(all.size() - 1).seconds();
            for (Metrics line : all) {
                if (line.step() < step) {
                    begun.append(scalars(now - (end - line.seconds()), line));
                }
            }
            for (EvaluationLine line :
                    Files.exists(evaluations) ? EvaluationLog.read(evaluations) : List.<EvaluationLine>of()) {
                if (line.step() < step) {
                    begun.append(scalars(now, line));
                }
            }
            return begun;
        } catch (IOException e) {
            begun.close();
            throw e;
        }
    }

    private static Event scalars(double seconds, Metrics line) {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("loss/logged", line.loss());
        values.put("loss/smoothed", line.smoothedLoss());
        for (int part = 0; part < LossByTime.PARTS; part++) {
            String range = String.format(
                    Locale.ROOT, "%.2f-%.2f", (double) part / LossByTime.PARTS, (part + 1.0) / LossByTime.PARTS);
            values.put("loss_by_t/" + range, line.lossByT().get(part));
        }
        values.put("training/learning_rate", line.lr());
        values.put("training/gradient_norm", line.gradNorm());
        values.put("training/epoch", (double) line.epoch());
        values.put("machine/images_per_s", line.imagesPerS());
        values.put("machine/memory_mb", line.memoryBytes() == 0 ? Double.NaN : line.memoryBytes() / MEGA);
        return finite(seconds, line.step(), values);
    }

    private static Event scalars(double seconds, EvaluationLine line) {
        Map<String, Double> values = new LinkedHashMap<>();
        add(values, "frechet_distance", line, Finding::frechet);
        add(values, "kernel_distance", line, Finding::kid);
        add(values, "precision", line, Finding::precision);
        add(values, "recall", line, Finding::recall);
        return finite(seconds, line.step(), values);
    }

    private static void add(Map<String, Double> to, String name, EvaluationLine line, ToDoubleFunction<Finding> of) {
        to.put("evaluation/" + name, of.applyAsDouble(line.drawn()));
        to.put("evaluation/" + name + "_of_real_images", of.applyAsDouble(line.real()));
    }

    private static Event finite(double seconds, long step, Map<String, Double> values) {
        values.values().removeIf(value -> !Double.isFinite(value));
        return Event.scalars(seconds, step, values);
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
