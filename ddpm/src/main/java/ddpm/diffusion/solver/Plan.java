package ddpm.diffusion.solver;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A solver's table for one course from noise to image.
 *
 * @param stages in their order
 * @param start the first x is that many times a standard normal
 * @param end the level that the last stage leads to
 */
public record Plan(List<Stage> stages, double start, Level end) {
    public Plan {
        stages = List.copyOf(stages);
    }

    /** The same steps with a network that says the variance too, whatever they do with it. */
    public Plan withVarianceOutput() {
        stages.stream().filter(Stage::evaluates).forEach(Stage::withVarianceOutput);
        return this;
    }

    /** Slots that the stages need. */
    public int slots() {
        return stages.stream().mapToInt(Stage::slotsUsed).max().orElse(0);
    }

    /** How often the network is asked. */
    public int evaluations() {
        return (int) stages.stream().filter(Stage::evaluates).count();
    }

    /** The level of the first x. */
    public Level first() {
        return stages.get(0).level();
    }

    /** The level that a stage leads to, where it ends a step. */
    public Level reached(int stage) {
        return stage + 1 < stages.size() ? stages.get(stage + 1).level() : end;
    }

    /** Whether fresh noise is drawn on the way. */
    public boolean drawsNoise() {
        return stages.stream().anyMatch(s -> s.sd() > 0);
    }

    /** Whether steps build on what earlier ones left. */
    public boolean remembers() {
        Set<Integer> left = new HashSet<>();
        for (Stage stage : stages) {
            if (!left.containsAll(stage.slotsRead())) {
                return true;
            }
            left.addAll(stage.slotsWritten());
            if (stage.endsStep()) {
                left.clear();
            }
        }
        return false;
    }

    /**
     * Every step but the last is done so many times: after each but the last time the result is noised again to the level where the
     * step began. Lugmayr et al. 2022, algorithm 1 with jumps of one step.
     *
     * @throws IllegalArgumentException where steps build on earlier ones
     */
    public Plan repeated(int times) {
        if (remembers()) {
            throw new IllegalArgumentException("steps that build on earlier ones cannot be done again");
        }
        long keys = 1 + stages.stream().mapToLong(Stage::key).max().orElse(0);
        List<Stage> all = new ArrayList<>();
        int begin = 0;
        for (int i = 0; i < stages.size(); i++) {
            if (!stages.get(i).endsStep()) {
                continue;
            }
            List<Stage> step = stages.subList(begin, i + 1);
            Level from = step.get(0).level();
            Level to = reached(i);
            all.addAll(step);
            for (int k = 1; k < times && i + 1 < stages.size(); k++) {
                long ofRound = k * keys;
                all.add(Stage.back(to, from, keys * times + all.size()));
                step.forEach(s -> all.add(s.withKey(s.key() + ofRound)));
            }
            begin = i + 1;
        }
        return new Plan(all, start, end);
    }
}
