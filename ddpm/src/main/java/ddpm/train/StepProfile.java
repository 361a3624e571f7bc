package ddpm.train;

import ddpm.engine.profile.ChromeTrace;
import ddpm.engine.profile.Profile;
import ddpm.engine.profile.ProfileTable;
import ddpm.engine.profile.Profiler;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** One step of a training that is measured, alone and without a graph; the result is the same. */
final class StepProfile {
    private final Profiler profiler;
    private final long step;
    private String table;

    /** @param profiler of the backend that the trainer computes on @param step from 1 */
    StepProfile(Profiler profiler, long step) {
        this.profiler = profiler;
        this.step = step;
    }

    boolean isNext(Trainer trainer) {
        return trainer.step() + 1 == step;
    }

    /** Of the next {@code most} steps those before the measured one. */
    int upTo(Trainer trainer, int most) {
        long before = step - 1 - trainer.step();
        return before > 0 ? (int) Math.min(most, before) : most;
    }

    /** Does the step and writes its table and its trace. */
    List<Trainer.Result> measure(Trainer trainer, RunFolder folder) throws IOException {
        List<Trainer.Result> results = new ArrayList<>();
        Profile profile = profiler.measure(() -> results.addAll(trainer.next(1)));
        table = String.format("step %,d on %s", step, ProfileTable.of(profile));
        Files.writeString(folder.profile(), table);
        Files.writeString(folder.trace(), ChromeTrace.of(profile));
        return results;
    }

    /** What the measured step consists of. */
    String table() {
        return table;
    }
}
