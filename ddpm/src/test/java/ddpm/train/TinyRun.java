package ddpm.train;

import ddpm.config.ImageSize;
import ddpm.data.Channels;
import ddpm.data.DataSpec;
import ddpm.data.ImageSet;
import ddpm.data.source.DataSources;
import ddpm.engine.tensor.HostTensor;
import ddpm.sample.ImageSampler;
import ddpm.train.checkpoint.Checkpoint;
import ddpm.train.checkpoint.CheckpointFolder;
import ddpm.train.settings.ConfigLoader;
import ddpm.train.settings.RunConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A training that takes milliseconds: 8x8 glyphs and the smallest U-Net that has every kind of layer. */
public final class TinyRun {
    public static final int SIDE = 8;

    /** {@code --set} for the model and for what would take long. */
    public static final List<String> SETTINGS = List.of(
            "model.down_channels=[8, 16]",
            "model.mid_channels=[16, 8]",
            "model.down_sample=[true]",
            "model.attention=[true]",
            "model.time_emb_dim=8",
            "model.num_heads=2",
            "model.norm_groups=4",
            "model.conv_out_channels=8",
            "train.log_every=1",
            "train.sample_every=0",
            "sample.steps=3",
            "sample.count=4");

    private TinyRun() {}

    /** The preset with {@link #SETTINGS} and others over them, for {@link #glyphs}. */
    public static RunConfig config(String preset, String... settings) {
        return new ConfigLoader(preset)
                .set(SETTINGS)
                .set(List.of("data.size=" + SIDE + "x" + SIDE, "data.channels=1", "data.source=glyphs"))
                .set(List.of(settings))
                .load();
    }

    public static ImageSet glyphs(int count) {
        return glyphs(count, SIDE);
    }

    static ImageSet glyphs(int count, int side) {
        return DataSources.load(new DataSpec("glyphs", Channels.GREY, new ImageSize(side, side), 3, count));
    }

    /** An IDX file of {@link #glyphs}: read at once, where the built-in set draws 60,000. */
    public static Path idx(Path folder, int count) throws IOException {
        ByteBuffer file = ByteBuffer.allocate(16 + count * SIDE * SIDE);
        file.putInt(2051).putInt(count).putInt(SIDE).putInt(SIDE);
        for (byte[] image : glyphs(count).images()) {
            file.put(image);
        }
        Files.createDirectories(folder);
        return Files.write(folder.resolve("train-images-idx3-ubyte"), file.array());
    }

    /** The command line of a new training with {@link #SETTINGS}; {@code more} in one text, parted by blanks. */
    public static String[] command(Path out, Path data, String more) {
        Stream<String> settings = SETTINGS.stream().flatMap(s -> Stream.of("--set", s));
        return Stream.of(
                        Stream.of("train", "--out", out.toString(), "--data", data.toString()),
                        settings,
                        Arrays.stream(more.split(" ")).filter(word -> !word.isEmpty()))
                .flatMap(s -> s)
                .toArray(String[]::new);
    }

    /** The command line of a training that goes on. */
    public static String[] resume(Path out, String more) {
        return ("train --resume --out " + out + " " + more).strip().split(" +");
    }

    /** Every file below a folder with its bytes, apart from the lock. */
    public static Map<String, String> files(Path folder) throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                if (!file.endsWith(".lock")) {
                    byte[] bytes = Files.readAllBytes(file);
                    files.put(folder.relativize(file).toString(), bytes.length + " " + Arrays.hashCode(bytes));
                }
            }
        }
        return files;
    }

    /** The four files of the checkpoint of a step, with their bytes. */
    public static Map<String, String> checkpoint(Path run, long step) throws IOException {
        return files(run.resolve("checkpoints").resolve(CheckpointFolder.name(step)));
    }

    /** The checkpoint with all values of some weights replaced by one. */
    public static Checkpoint with(Checkpoint c, Map<String, Float> values) {
        return new Checkpoint(filled(c.model(), values), c.ema(), c.trainer(), c.state());
    }

    /** The same checkpoint with Adam's moments of one parameter all {@code mean} and {@code square}. */
    public static Checkpoint withMoments(Checkpoint c, String parameter, float mean, float square) {
        Map<String, Float> moments = Map.of("exp_avg/" + parameter, mean, "exp_avg_sq/" + parameter, square);
        return new Checkpoint(c.model(), c.ema(), filled(c.trainer(), moments), c.state());
    }

    private static Map<String, HostTensor> filled(Map<String, HostTensor> tensors, Map<String, Float> values) {
        Map<String, HostTensor> all = new LinkedHashMap<>(tensors);
        values.forEach((name, value) -> {
            HostTensor old = all.get(name);
            float[] filled = new float[Math.toIntExact(old.count())];
            Arrays.fill(filled, value);
            all.put(name, HostTensor.f32(old.shape(), filled));
        });
        return all;
    }

    /** The files and tensors in which two checkpoints differ; empty where every bit is the same. */
    public static String difference(Checkpoint a, Checkpoint b) {
        return difference(Checkpoint.MODEL, a.model(), b.model())
                + difference(Checkpoint.EMA, a.ema(), b.ema())
                + difference(Checkpoint.TRAINER, a.trainer(), b.trainer())
                + (a.state().equals(b.state()) ? "" : a.state() + " and " + b.state());
    }

    private static String difference(String file, Map<String, HostTensor> a, Map<String, HostTensor> b) {
        List<String> names = Stream.concat(a.keySet().stream(), b.keySet().stream())
                .distinct()
                .filter(name -> !Objects.equals(a.get(name), b.get(name)))
                .toList();
        return names.isEmpty() ? "" : file + ": " + names + "; ";
    }

    /** Draws as the previews of a training on images of {@link #SIDE} do. */
    static ImageSampler sampler(Trainer trainer) {
        ImageSize size = new ImageSize(SIDE, SIDE);
        return new ImageSampler(
                trainer.backend(), trainer.trained(), trainer.config().sample(), 1, size, 1);
    }
}
