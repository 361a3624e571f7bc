package ddpm.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import ddpm.config.ImageSize;
import ddpm.data.Channels;
import ddpm.data.DataSpec;
import ddpm.data.ImageSet;
import ddpm.data.Images;
import ddpm.data.source.DataEnvironment;
import ddpm.data.source.DataSources;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.Devices;
import ddpm.engine.testing.OnEachDevice;
import ddpm.testing.Offline;
import ddpm.testing.Watching;
import ddpm.train.checkpoint.Checkpoint;
import ddpm.train.settings.RunConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;

/** Images on the device where they fit, otherwise in memory of the host that its kernels read: the same training. */
class DeviceImagesTest {
    private static final int STEPS = 7; // an epoch is 3 batches of 8 and one of 2
    private static final long HOST = 0;

    @TempDir
    Path home;

    /** Images of noise that are more than one block of the copy. */
    private static ImageSet noise() {
        byte[][] images = new byte[90][64 * 64 * 3];
        Random random = new Random(5);
        for (byte[] image : images) {
            random.nextBytes(image);
        }
        return new ImageSet("noise", 64, 64, 3, images, List.of());
    }

    @OnEachDevice
    void aQuarterOfTheFreeMemoryIsForImages(Device device) {
        ImageSet set = noise();
        long bytes = 90L * 64 * 64 * 3;
        assertEquals(List.of(), upload(device, set, OptionalLong.of(4 * bytes)));
        assertEquals(List.of("allocateHost"), upload(device, set, OptionalLong.of(4 * bytes - 1)));
        assertEquals(List.of(), upload(device, set, OptionalLong.empty()), "what there really is");
    }

    /** Uploads, checks what arrived, and gives what was noted. */
    private static List<String> upload(Device device, ImageSet set, OptionalLong available) {
        Watching watching = new Watching(device.backend(), available);
        try (Scope scope = Scope.on(watching.backend())) {
            Tensor images = DeviceImages.upload(set, scope);
            List<String> noted = watching.events();
            byte[] got = new byte[Math.toIntExact(images.count())];
            device.backend().memory().download(images.buffer(), got);
            int length = set.images()[0].length;
            for (int i = 0; i < set.count(); i++) {
                byte[] image = new byte[length];
                System.arraycopy(got, i * length, image, 0, length);
                assertArrayEquals(set.images()[i], image, "image " + i);
            }
            return noted;
        }
    }

    @OnEachDevice
    void aTrainingFromTheHostHasTheSameBits(Device device) {
        Trained onDevice = train(device, OptionalLong.empty());
        Trained onHost = train(device, OptionalLong.of(HOST));
        assertFalse(onDevice.noted().contains("allocateHost"));
        assertEquals(1, onHost.noted().stream().filter("allocateHost"::equals).count());
        assertEquals(onDevice.results(), onHost.results());
        assertEquals("", TinyRun.difference(onDevice.end(), onHost.end()));
    }

    /** Images that memory is too small for: read in place on the CPU, copied to the GPU or to the host for it. */
    @OnEachDevice
    void aTrainingFromAFileHasTheSameBits(Device device) {
        DataSpec spec = new DataSpec("glyphs", Channels.GREY, new ImageSize(TinyRun.SIDE, TinyRun.SIDE), 3, 26);
        DataEnvironment e = Offline.environment(home);
        ImageSet mapped = DataSources.load(
                spec,
                new DataEnvironment(
                        e.variables(),
                        e.home(),
                        e.mnistFiles(),
                        e.mnistMirrors(),
                        e.connectTimeout(),
                        e.readTimeout(),
                        e.progress(),
                        100));
        assertInstanceOf(Images.Mapped.class, mapped.pixels());
        Trained want = train(device, OptionalLong.empty());
        for (OptionalLong available : List.of(OptionalLong.empty(), OptionalLong.of(HOST))) {
            Trained got = train(device, available, mapped);
            assertEquals(
                    available.isPresent() && device != Devices.cpu(),
                    got.noted().contains("allocateHost"),
                    "on a GPU, and not on a CPU");
            assertEquals(want.results(), got.results());
            assertEquals("", TinyRun.difference(want.end(), got.end()));
        }
    }

    private record Trained(List<String> noted, List<Trainer.Result> results, Checkpoint end) {}

    private static Trained train(Device device, OptionalLong available) {
        return train(device, available, TinyRun.glyphs(26));
    }

    private static Trained train(Device device, OptionalLong available, ImageSet set) {
        Watching watching = new Watching(device.backend(), available);
        RunConfig config = TinyRun.config("quick", "train.batch=8", "train.steps=" + STEPS, "data.flip=true");
        try (Trainer trainer = new Trainer(config, watching.backend(), set)) {
            List<Trainer.Result> results = new ArrayList<>();
            while (results.size() < STEPS) {
                results.addAll(trainer.next(STEPS - results.size()));
            }
            return new Trained(watching.events(), results, trainer.snapshot().toHost());
        }
    }
}
