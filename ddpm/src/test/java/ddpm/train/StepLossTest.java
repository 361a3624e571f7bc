package ddpm.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ddpm.diffusion.AliasTable;
import ddpm.diffusion.LossHistory;
import ddpm.diffusion.TrainingTable;
import ddpm.engine.backend.Backend;
import ddpm.engine.backend.DiffusionOps.BatchNumbers;
import ddpm.engine.backend.NoiseAdd;
import ddpm.engine.backend.OptimizerOps.UpdateNumbers;
import ddpm.engine.io.TensorSource;
import ddpm.engine.ops.QSample;
import ddpm.engine.optim.StepMemory;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachDevice;
import ddpm.train.settings.RunConfig;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/** With other shares an image weighs what its share takes, and what it cost is remembered as if shares were equal. */
class StepLossTest {
    private static final double U = 0x1p-24;
    private static final int T = 5;
    private static final int LENGTH = 7; // values of an image
    private static final double UNIFORM = 0.001;
    private static final double[] CORRECTIONS =
            AliasTable.of(history().shares()).corrections();

    private static RunConfig config(String objective) {
        return TinyRun.config(
                "quick",
                "objective.times={kind: importance, history: 1, every: 1, uniform: " + UNIFORM + "}",
                objective,
                "train.batch=" + T,
                "diffusion.kind=linear",
                "diffusion.timesteps=" + T,
                "diffusion.beta_end=0.4");
    }

    /** Of images that cost t + 1. */
    private static LossHistory history() {
        LossHistory history = new LossHistory(T, 1, UNIFORM, 1);
        for (int t = 0; t < T; t++) {
            history.add(t, t + 1);
        }
        history.refresh(0);
        return history;
    }

    private static Map<String, HostTensor> host(Map<String, TensorSource> sources) {
        Map<String, HostTensor> host = new HashMap<>();
        sources.forEach((name, source) -> host.put(name, source.values().get()));
        return host;
    }

    /** Of an image of each t: what it adds to the loss, what is remembered of it, and all of them by quarters of [0, T). */
    private record Costs(float[] own, float[] remembered, LossByTime byTime) {}

    /** @param weights of the squared errors, as a batch has them from the other table */
    private static Costs costs(Backend backend, RunConfig config, boolean equal, float[] weights) {
        try (StepMemory memory = new StepMemory(backend, 1);
                StepLoss loss = new StepLoss(config, backend, 1);
                Scope scope = Scope.on(backend)) {
            if (!equal) {
                loss.load(host(history().sources()));
            }
            memory.write(new UpdateNumbers(0, 1, 1, 1));
            memory.write(new BatchNumbers(0, 0, 0, 0));
            int outputs = config.objective().outputs();
            StepLoss.Loss of = loss.of(
                    new QSample.Batch(
                            normal(scope, 1, 1),
                            normal(scope, 2, 1),
                            scope.zeros(Shape.of(T)),
                            scope.tensor(Shape.of(T), weights),
                            scope.tensor(Shape.of(T), IntStream.range(0, T).toArray())),
                    normal(scope, 3, outputs));
            loss.keep(of, memory);
            LossByTime byTime = loss.learn(List.of(T)).get(0);
            return new Costs(
                    of.perImage().toFloats(),
                    host(loss.sources()).get("importance/losses").toFloats(),
                    byTime);
        }
    }

    private static Tensor normal(Scope scope, long seed, int outputs) {
        Random random = new Random(seed);
        float[] values = new float[T * LENGTH * outputs];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return scope.tensor(Shape.of(T, 1, LENGTH, outputs), values);
    }

    private static float[] weights(double... each) {
        float[] weights = new float[T];
        for (int t = 0; t < T; t++) {
            weights[t] = (float) each[t % each.length];
        }
        return weights;
    }

    /** Nothing else counts here: squared errors have the weight 0. */
    @OnEachDevice
    void theBoundWeighsWhatTheShareTakes(Device device) {
        RunConfig config = config("objective.variance=learned_range");
        float[] equal = costs(device.backend(), config, true, weights(0)).own;
        float[] shared = costs(device.backend(), config, false, weights(0)).own;
        for (int t = 0; t < T; t++) {
            double want = CORRECTIONS[t] * equal[t];
            assertEquals(want, shared[t], 4 * U * want, "t=" + t); // rounded here, there, and in the table
        }
    }

    @OnEachDevice
    void bothPartsAreRememberedAsOfEqualShares(Device device) {
        RunConfig config = config("objective.variance=learned_range");
        Costs equal = costs(device.backend(), config, true, weights(1));
        Costs shared = costs(device.backend(), config, false, weights(CORRECTIONS));
        for (int t = 0; t < T; t++) {
            assertEquals(equal.own[t], equal.remembered[t], "t=" + t);
            assertEquals(equal.own[t], shared.remembered[t], 8 * U * equal.own[t], "t=" + t);
        }
    }

    /** A squared error is given without its weight. */
    @OnEachDevice
    void aSquaredErrorIsRememberedWithItsWeight(Device device) {
        RunConfig config = config("objective.weighting={kind: min_snr, gamma: 0.5}");
        TrainingTable table = TrainingTable.of(
                config.diffusion().schedule(),
                config.objective().prediction(),
                config.objective().weighting(),
                config.objective().times());
        for (boolean equal : new boolean[] {true, false}) {
            Costs costs = costs(device.backend(), config, equal, weights(0));
            for (int t = 0; t < T; t++) {
                double want = costs.own[t] * (double) table.values()[t * NoiseAdd.COLUMNS + NoiseAdd.WEIGHT];
                assertEquals(want, costs.remembered[t], U * want, "t=" + t);
            }
        }
    }

    /** floor(4 t / 5) is 0, 0, 1, 2, 3; what is drawn more often because of its share counts as often as without. */
    @OnEachDevice
    void theLossByTimeIsThatOfEqualShares(Device device) {
        for (String objective : List.of("objective.weighting=simple", "objective.variance=learned_range")) {
            for (boolean equal : new boolean[] {true, false}) {
                Costs costs =
                        costs(device.backend(), config(objective), equal, equal ? weights(1) : weights(CORRECTIONS));
                double[] sums = new double[LossByTime.PARTS];
                double[] counts = new double[LossByTime.PARTS];
                for (int t = 0; t < T; t++) {
                    double share = equal ? 1 : CORRECTIONS[t];
                    sums[4 * t / T] += share * costs.remembered[t];
                    counts[4 * t / T] += share;
                }
                for (int part = 0; part < LossByTime.PARTS; part++) {
                    double want = sums[part] / counts[part];
                    // remembered in float32, the mean in double
                    assertEquals(want, costs.byTime.means().get(part), 2 * U * want, objective + ", part " + part);
                }
            }
        }
    }
}
