package ddpm.train.checkpoint;

import ddpm.engine.tensor.HostTensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Everything a training continues from, in host memory.
 *
 * @param model the weights being trained, under the reference's state_dict names, shapes and layouts, F32
 * @param ema their exponential moving average, the same names and shapes
 * @param averages other averages, by the files of a checkpoint folder that they are in
 * @param trainer the optimizer's tensors and whatever else the trainer names
 * @param state the numbers
 */
public record Checkpoint(
        Map<String, HostTensor> model,
        Map<String, HostTensor> ema,
        Map<String, Map<String, HostTensor>> averages,
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
        averages = Collections.unmodifiableMap(new LinkedHashMap<>(averages));
        trainer = copy(trainer);
    }

    /** With one average. */
    public Checkpoint(
            Map<String, HostTensor> model,
            Map<String, HostTensor> ema,
            Map<String, HostTensor> trainer,
            TrainerState state) {
        this(model, ema, Map.of(), trainer, state);
    }

    private static Map<String, HostTensor> copy(Map<String, HostTensor> tensors) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    }
}
