package ddpm.train.checkpoint;

import ddpm.disk.FileSink;
import ddpm.engine.io.Safetensors;
import ddpm.engine.io.SafetensorsException;
import ddpm.engine.optim.PostHoc;
import ddpm.engine.tensor.HostTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The averages of relative widths ({@code train.power_ema}) as they stood at each checkpoint: {@code averages/} of a run. They
 * stay when their checkpoint goes, since an average of any width is made from all of them. Karras et al. 2024 (EDM2), section
 * 3.2.
 *
 * @param folder {@code averages/}
 */
public record KeptAverages(Path folder) {
    static final String NAME = "averages";

    public static KeptAverages of(Path run) {
        return new KeptAverages(run.resolve(NAME));
    }

    private record Kept(Path file, long step, double std) {}

    /** {@code step-00001000-ema-power-0.05.safetensors}. */
    private static String name(long step, String file) {
        return CheckpointFolder.name(step) + "-" + file;
    }

    /** Keeps those of a checkpoint; those of later steps belong to a course that the run left and go. */
    void keep(Snapshot snapshot, FileSink sink) throws IOException {
        long step = snapshot.state().step();
        Map<String, CheckedWrite> writes = new LinkedHashMap<>();
        snapshot.averages().forEach((file, tensors) -> {
            if (file.startsWith(AverageFiles.POWER)) {
                writes.put(
                        name(step, file),
                        target -> sink.replace(target, c -> Safetensors.stream(c, tensors, CheckpointFolder.METADATA)));
            }
        });
        if (writes.isEmpty() || step == 0) {
            return;
        }
        sink.createFolder(folder);
        for (Kept later : all()) {
            if (later.step() > step) {
                sink.delete(later.file());
            }
        }
        for (var write : writes.entrySet()) {
            write.getValue().to(folder.resolve(write.getKey()));
        }
    }

    private interface CheckedWrite {
        void to(Path file) throws IOException;
    }

    private List<Kept> all() throws IOException {
        List<Kept> all = new ArrayList<>();
        int prefix = CheckpointFolder.name(0).length();
        for (Path file : CheckpointFolder.entries(folder)) {
            String name = file.getFileName().toString();
            if (name.length() > prefix && name.startsWith(AverageFiles.POWER, prefix + 1)) {
                long step = Long.parseLong(name.substring(name.indexOf('-') + 1, prefix));
                all.add(new Kept(file, step, AverageFiles.widthOf(name.substring(prefix + 1))));
            }
        }
        all.sort(Comparator.comparingLong(Kept::step).thenComparingDouble(Kept::std));
        return all;
    }

    /**
     * The average of a width at a step.
     *
     * @param std relative width
     * @throws CheckpointException where nothing was kept, or a file is damaged
     */
    public Map<String, HostTensor> of(double std, long step) throws IOException {
        List<Kept> stored = all().stream().filter(k -> k.step() <= step).toList();
        if (stored.isEmpty()) {
            throw new CheckpointException(
                    "--ema " + std + ": " + folder + " holds no averages to make it from; train with --set"
                            + " train.power_ema=[0.05,0.1], or give one of the decays of the training",
                    null);
        }
        double[][] coefficients = new PostHoc(stored.stream()
                        .map(k -> new PostHoc.Snapshot(k.step(), k.std()))
                        .toList())
                .coefficients(List.of(new PostHoc.Snapshot(step, std)));
        Map<String, double[]> sums = new LinkedHashMap<>();
        Map<String, long[]> shapes = new LinkedHashMap<>();
        for (int i = 0; i < stored.size(); i++) {
            add(stored.get(i).file(), coefficients[i][0], sums, shapes);
        }
        return sums.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        e -> HostTensor.f32(shapes.get(e.getKey()), floats(e.getValue())),
                        (a, b) -> a,
                        LinkedHashMap::new));
    }

    private static void add(Path file, double share, Map<String, double[]> sums, Map<String, long[]> shapes)
            throws IOException {
        try {
            Safetensors.read(file).tensors().forEach((name, tensor) -> {
                double[] sum = sums.computeIfAbsent(name, n -> new double[Math.toIntExact(tensor.count())]);
                float[] values = tensor.toFloats();
                if (values.length != sum.length) {
                    throw new IllegalStateException(name + " has " + values.length + " values, before " + sum.length);
                }
                for (int i = 0; i < sum.length; i++) {
                    sum[i] += share * values[i];
                }
                shapes.put(name, tensor.shape());
            });
        } catch (SafetensorsException | IllegalStateException e) {
            throw new CheckpointException(file + ": " + e.getMessage() + "; delete that file and try again", e);
        }
    }

    private static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }
}
