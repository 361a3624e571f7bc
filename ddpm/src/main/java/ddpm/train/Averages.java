package ddpm.train;

import ddpm.engine.io.TensorSource;
import ddpm.engine.nn.Parameters;
import ddpm.engine.optim.Ema;
import ddpm.engine.optim.StepMemory;
import ddpm.engine.tensor.HostTensor;
import ddpm.train.checkpoint.AverageFiles;
import ddpm.train.checkpoint.Checkpoint;
import ddpm.train.settings.TrainConfig;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The running averages of a training's weights: one for each of {@code train.ema_decay}, one for each of {@code
 * train.power_ema}. The first is the one that previews are drawn with.
 */
final class Averages implements AutoCloseable {
    private final Map<String, Ema> byFile = new LinkedHashMap<>();

    Averages(Parameters parameters, TrainConfig config) {
        for (double decay : config.emaDecay()) {
            add(byFile.isEmpty() ? Checkpoint.EMA : AverageFiles.ofDecay(decay), parameters, Ema.Decay.warmedUp(decay));
        }
        for (double std : config.powerEma()) {
            add(AverageFiles.ofWidth(std), parameters, Ema.Decay.ofWidth(std));
        }
    }

    private void add(String file, Parameters parameters, Ema.Decay decay) {
        byFile.put(file, new Ema(parameters, byFile.size(), decay));
    }

    private Ema first() {
        return byFile.get(Checkpoint.EMA);
    }

    /** 1 - decay of each in an update. @param updates earlier ones */
    float[] rests(long updates) {
        float[] rests = new float[byFile.size()];
        int i = 0;
        for (Ema ema : byFile.values()) {
            rests[i++] = ema.rest(updates);
        }
        return rests;
    }

    /** Takes the parameters as they are now into all of them. */
    void update(StepMemory memory) {
        byFile.values().forEach(ema -> ema.update(memory));
    }

    /** What {@code body} returns while the model has the weights of the first. */
    <T> T averaged(Supplier<T> body) {
        return first().averaged(body);
    }

    /** The first. */
    Map<String, TensorSource> sources() {
        return first().sources();
    }

    /** The others, by their files. */
    Map<String, Map<String, TensorSource>> others() {
        Map<String, Map<String, TensorSource>> others = new LinkedHashMap<>();
        byFile.forEach((file, ema) -> {
            if (ema != first()) {
                others.put(file, ema.sources());
            }
        });
        return others;
    }

    /** Continues where the first stood. */
    void load(Map<String, HostTensor> first) {
        first().load(first);
    }

    /** Continues where one of the others stood. @return whether there is one with that file */
    boolean load(String file, Map<String, HostTensor> from) {
        Ema ema = byFile.get(file);
        if (ema == null || ema == first()) {
            return false;
        }
        ema.load(from);
        return true;
    }

    @Override
    public void close() {
        byFile.values().forEach(Ema::close);
    }
}
