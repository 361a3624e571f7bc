package ddpm.diffusion.times;

import ddpm.diffusion.Schedule;
import ddpm.diffusion.TrainingTimes;
import java.util.stream.IntStream;

/** Every t as often as every other. Ho et al. 2020, algorithm 1. */
public record Uniform() implements TrainingTimes {
    @Override
    public double[] rows(Schedule schedule) {
        return IntStream.range(0, schedule.timesteps()).asDoubleStream().toArray();
    }

    @Override
    public boolean countsEveryT() {
        return true;
    }
}
