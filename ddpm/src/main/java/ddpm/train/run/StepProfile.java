package ddpm.train.run;

import ddpm.MeasuredStep;
import ddpm.train.Trainer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The step of a training that is measured. */
final class StepProfile {
    private final MeasuredStep measured;
    private String report;

    StepProfile(MeasuredStep measured) {
        this.measured = measured;
    }

    boolean isNext(Trainer trainer) {
        return trainer.step() + 1 == measured.step();
    }

    /** Of the next {@code most} steps those before the measured one. */
    int upTo(Trainer trainer, int most) {
        long before = measured.step() - 1 - trainer.step();
        return before > 0 ? (int) Math.min(most, before) : most;
    }

    /** Does the step and writes its table and its trace. */
    List<Trainer.Result> measure(Trainer trainer, RunFolder folder) throws IOException {
        List<Trainer.Result> results = new ArrayList<>();
        report = measured.measure(() -> results.addAll(trainer.next(1)), folder.profile(), folder.trace());
        return results;
    }

    /** What the measured step consists of, and where that is written. */
    String report() {
        return report;
    }
}
