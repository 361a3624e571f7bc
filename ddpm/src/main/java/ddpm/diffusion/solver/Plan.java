package ddpm.diffusion.solver;

import java.util.List;

/**
 * A solver's table for one course from noise to image.
 *
 * @param stages in their order
 * @param start the first x is that many times a standard normal
 */
public record Plan(List<Stage> stages, double start) {
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
}
