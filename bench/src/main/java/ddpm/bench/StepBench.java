package ddpm.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Whole training and sampling steps by the host's clock; their work is counted by the engine's profiler. A score of JMH is
 * milliseconds a call, and a call does {@value #STEPS} steps where the device runs ahead of the host, else one.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 2)
public class StepBench {
    static final int STEPS = 32;

    @Param({"quick", "mnist", "cifar"})
    String preset;

    @Param({"16", "64", "256"})
    int batch;

    @Param("cpu")
    String device;

    @Param({"fp32", "bf16"})
    String precision;

    private SyntheticTraining training;
    private SyntheticSampling sampling;
    private Work trainWork;
    private Work sampleWork;
    private int steps;

    /** The first step, whose loss has to be that of an untrained model: about 1 for predicting next to no noise. */
    @Setup(Level.Trial)
    public void open() {
        Workload workload = Workload.of(preset, batch, precision, device);
        count(workload);
        training = new SyntheticTraining(workload);
        double loss = training.step();
        if (!(loss > 0.5 && loss < 3)) {
            throw new IllegalStateException("the loss of an untrained model is " + loss);
        }
        sampling = new SyntheticSampling(
                workload.config(), training.backend(), training.trainer().model());
        steps = training.backend().asynchronous() ? STEPS : 1;
    }

    private void count(Workload workload) {
        try (SyntheticTraining counted = new SyntheticTraining(workload, true)) {
            trainWork = counted.work(() -> counted.step());
            SyntheticSampling sample = new SyntheticSampling(
                    workload.config(), counted.backend(), counted.trainer().model());
            sampleWork = counted.work(() -> sample.draw(1));
        }
    }

    @TearDown(Level.Trial)
    public void close() {
        training.close();
    }

    @Benchmark
    public void train(Timing timing) {
        timing.steps(training.backend(), trainWork, steps, training::steps);
    }

    /** Reverse steps, from the noise on; a GPU records the step anew in each call. */
    @Benchmark
    public void sample(Timing timing) {
        timing.steps(training.backend(), sampleWork, steps, sampling::draw);
    }
}
