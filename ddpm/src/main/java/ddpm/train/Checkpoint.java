package ddpm.train;

import ddpm.engine.io.HostTensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Everything a training continues from, in host memory.
 *
 * @param model the weights being trained, under the reference's state_dict names, shapes and layouts, F32
 * @param ema their exponential moving average, the same names and shapes
 * @param trainer the optimizer's tensors and whatever else the trainer names
 * @param state the numbers
 */
public record Checkpoint(
        Map<String, HostTensor> model,
        Map<String, HostTensor> ema,
        Map<String, HostTensor> trainer,
        TrainerState state) {
    /** File of {@link #model} in a checkpoint folder. */
    public static final String MODEL = "model.safetensors";
    /** File of {@link #ema}. */
    public static final String EMA = "ema.safetensors";
    /** File of {@link #trainer}. */
    public static final String TRAINER = "trainer.safetensors";
    /** File of {@link #state}. */
    public static final String STATE = "state.json";

    /** Copies the maps and keeps their order, which is the order in the files. */
    public Checkpoint {
        model = copy(model);
        ema = copy(ema);
        trainer = copy(trainer);
    }

    /** The names of weights and optimizer's tensors that hold a NaN or an infinite value. */
    List<String> notFinite() {
        return Stream.of(model, ema, trainer)
                .flatMap(tensors -> tensors.entrySet().stream())
                .filter(e -> !isFinite(e.getValue()))
                .map(Map.Entry::getKey)
                .toList();
    }

    private static boolean isFinite(HostTensor tensor) {
        for (float value : tensor.toFloats()) {
            if (!Float.isFinite(value)) {
                return false;
            }
        }
        return true;
    }

    private static Map<String, HostTensor> copy(Map<String, HostTensor> tensors) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    }
}
