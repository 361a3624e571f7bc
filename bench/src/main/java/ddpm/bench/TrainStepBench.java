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

/** Milliseconds of one whole training step. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 2)
public class TrainStepBench {
    @Param({"quick", "mnist"})
    String preset;

    @Param("64")
    int batch;

    @Param("fp32")
    String precision;

    @Param("cpu")
    String device;

    private SyntheticTraining training;

    /** The first step, whose loss has to be that of an untrained model: about 1 for predicting next to no noise. */
    @Setup(Level.Trial)
    public void open() {
        training = new SyntheticTraining(Workload.of(preset, batch, precision, device));
        double loss = training.step();
        if (loss < 0.5 || loss > 3) {
            throw new IllegalStateException("the loss of an untrained model is " + loss);
        }
    }

    @TearDown(Level.Trial)
    public void close() {
        training.close();
    }

    @Benchmark
    public double step() {
        return training.step();
    }
}
