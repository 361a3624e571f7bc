package ddpm.train.checkpoint;

import ddpm.engine.io.TensorSource;
import ddpm.engine.tensor.HostTensor;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a {@link Checkpoint} is written from. The tensors are still on the device and are fetched one by one, so that saving
 * needs no memory for a second model; whoever trains on changes them.
 *
 * @param model as in {@link Checkpoint}
 * @param ema as in {@link Checkpoint}
 * @param averages as in {@link Checkpoint}
 * @param trainer as in {@link Checkpoint}
 */
public record Snapshot(
        Map<String, TensorSource> model,
        Map<String, TensorSource> ema,
        Map<String, Map<String, TensorSource>> averages,
        Map<String, TensorSource> trainer,
        TrainerState state) {

    /** Of what is in host memory. */
    public static Snapshot of(Checkpoint c) {
        Map<String, Map<String, TensorSource>> averages = new LinkedHashMap<>();
        c.averages().forEach((file, tensors) -> averages.put(file, sources(tensors)));
        return new Snapshot(sources(c.model()), sources(c.ema()), averages, sources(c.trainer()), c.state());
    }

    private static Map<String, TensorSource> sources(Map<String, HostTensor> tensors) {
        Map<String, TensorSource> sources = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> sources.put(name, TensorSource.of(tensor)));
        return sources;
    }

    /** Bytes of the tensors, which is nearly all that a checkpoint takes on disk. */
    public long bytes() {
        return tensors()
                .mapToLong(e -> Arrays.stream(e.getValue().shape()).reduce(1, (a, b) -> a * b)
                        * e.getValue().dtype().bytes())
                .sum();
    }

    private Stream<Map.Entry<String, TensorSource>> tensors() {
        return Stream.concat(Stream.of(model, ema, trainer), averages.values().stream())
                .flatMap(sources -> sources.entrySet().stream());
    }

    /** All of it in host memory. */
    public Checkpoint toHost() {
        Map<String, Map<String, HostTensor>> others = new LinkedHashMap<>();
        averages.forEach((file, sources) -> others.put(file, fetched(sources)));
        return new Checkpoint(fetched(model), fetched(ema), others, fetched(trainer), state);
    }

    private static Map<String, HostTensor> fetched(Map<String, TensorSource> sources) {
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        sources.forEach(
                (name, source) -> tensors.put(name, source.values().get().copy()));
        return tensors;
    }

    /** The names of weights and optimizer's tensors that hold a NaN or an infinite value. */
    public List<String> notFinite() {
        return tensors()
                .filter(e -> !isFinite(e.getValue().values().get()))
                .map(Map.Entry::getKey)
                .toList();
    }

    private static boolean isFinite(HostTensor tensor) {
        FloatBuffer values = tensor.data().asFloatBuffer();
        while (values.hasRemaining()) {
            if (!Float.isFinite(values.get())) {
                return false;
            }
        }
        return true;
    }
}
