package ddpm.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.UserError;
import ddpm.data.Classes;
import ddpm.data.ImageSet;
import ddpm.engine.backend.Backend;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.OnEachDevice;
import ddpm.train.TinyRun;
import ddpm.train.Trainer;
import ddpm.train.checkpoint.Checkpoint;
import ddpm.train.settings.ConfigLoader;
import ddpm.train.settings.RunConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training with labels: what the model becomes, which labels it is told, and what a run remembers. */
class LabelledTrainingTest {
    private static final int IMAGES = 20;

    @TempDir
    Path folder;

    private static Checkpoint after(Backend backend, ImageSet set, String... settings) {
        try (Trainer trainer = new Trainer(TinyRun.config("quick", settings), backend, set)) {
            for (int i = 0; i < 3; i++) {
                trainer.next(1);
            }
            return trainer.snapshot().toHost();
        }
    }

    private static RunConfig configWith(ImageSet set, String... settings) {
        return TinyRun.config("quick", settings).forClasses(set.classes());
    }

    @Test
    void autoIsSettledByTheImages() {
        ImageSet set = TinyRun.glyphs(IMAGES);
        RunConfig ten = configWith(set);
        assertEquals("10", ten.model().classes());
        assertEquals(List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"), ten.classNames());
        assertEquals(
                "none", configWith(set.withClasses(Classes.UNKNOWN)).model().classes());
        RunConfig none = configWith(set, "model.classes=none");
        assertEquals("none", none.model().classes());
        assertEquals(List.of(), none.classNames());
        assertEquals(ten, ten.forClasses(set.classes()));
        assertEquals(ten, new ConfigLoader("mnist").file(write(ten.toYaml())).load());
    }

    private Path write(String text) {
        try {
            return Files.writeString(folder.resolve("config.yaml"), text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void classesThatTheImagesDoNotHave() {
        ImageSet set = TinyRun.glyphs(IMAGES);
        says(() -> configWith(set, "model.classes=7"), "model.classes=7", "have 10 classes", "model.classes=auto");
        ImageSet plain = set.withClasses(Classes.UNKNOWN);
        says(() -> configWith(plain, "model.classes=10"), "no labels", "labels.csv", "model.classes=none");
        Classes others = new Classes(List.of("a", "b"), set.classes().of());
        says(() -> configWith(set).forClasses(others), "have 2 classes (a and b)");
        RunConfig renamed = configWith(set, "data.classes=[z,1,2,3,4,5,6,7,8,9]", "model.classes=none");
        assertEquals(List.of(), renamed.classNames());
        says(() -> configWith(set, "data.classes=[z,1,2,3,4,5,6,7,8,9]"), "are now 0, 1", "not z, 1");
    }

    private static void says(Runnable action, String... parts) {
        UserError e = assertThrows(UserError.class, action::run);
        for (String part : parts) {
            assertTrue(e.getMessage().contains(part), () -> "'" + part + "' is not in: " + e.getMessage());
        }
    }

    /** Without labels, or with all of them left out, the weights that both networks have learn the same. */
    @OnEachDevice
    void labelsMatterUnlessTheyAreLeftOut(Device device) {
        ImageSet set = TinyRun.glyphs(IMAGES);
        Checkpoint none = after(device.backend(), set, "model.classes=none", "train.batch=8");
        Checkpoint dropped = after(device.backend(), set, "train.label_dropout=1", "train.batch=8");
        Checkpoint told = after(device.backend(), set, "train.label_dropout=0", "train.batch=8");
        assertFalse(none.model().containsKey("class_emb.weight"));
        assertTrue(dropped.model().containsKey("class_emb.weight"));
        String some = "conv_in.weight";
        assertEquals(none.model().get(some), dropped.model().get(some));
        assertNotEquals(none.model().get(some), told.model().get(some));
        Classes shifted = new Classes(
                set.classes().names(),
                IntStream.range(0, IMAGES)
                        .map(i -> (set.classes().of()[i] + 1) % 10)
                        .toArray());
        assertNotEquals(
                told.model().get(some),
                after(device.backend(), set.withClasses(shifted), "train.label_dropout=0", "train.batch=8")
                        .model()
                        .get(some));
    }

    // ---- runs

    private Path data() throws IOException {
        Path data = folder.resolve("data");
        TinyRun.idx(data, IMAGES);
        return data;
    }

    private static void labels(Path data, int shift) throws IOException {
        ByteBuffer file = ByteBuffer.allocate(8 + IMAGES).putInt(2049).putInt(IMAGES);
        for (int i = 0; i < IMAGES; i++) {
            file.put((byte) ((i + shift) % 4));
        }
        Files.write(data.resolve("train-labels-idx1-ubyte"), file.array());
    }

    /** Class names are kept, a run goes on with them, and other labels are other data. */
    @Test
    void aRunKnowsItsLabelsAgain() throws IOException {
        Path data = data();
        Path run = folder.resolve("run");
        labels(data, 0);
        Ran.of(TinyRun.command(run, data, "--preset quick --batch 8 --steps 2")).ok();
        RunConfig kept =
                new ConfigLoader("mnist").ofRun(run.resolve("config.yaml")).load();
        assertEquals("4", kept.model().classes());
        assertEquals(List.of("0", "1", "2", "3"), kept.classNames());
        Ran.of(TinyRun.resume(run, "--steps 4")).ok();
        labels(data, 1);
        Ran other = Ran.of(TinyRun.resume(run, "--steps 6"));
        assertNotEquals(0, other.code());
        assertTrue(other.err().contains("the same images with other labels"), other.err());
        Files.delete(data.resolve("train-labels-idx1-ubyte"));
        Ran without = Ran.of(TinyRun.resume(run, "--steps 6"));
        assertTrue(without.err().contains("the images have no labels"), without.err());
    }

    /** A model without classes takes no notice of labels. */
    @Test
    void otherLabelsDoNotMatterWithoutClasses() throws IOException {
        Path data = data();
        Path run = folder.resolve("run");
        labels(data, 0);
        Ran.of(TinyRun.command(run, data, "--preset mnist --batch 8 --steps 2")).ok();
        labels(data, 1);
        Ran.of(TinyRun.resume(run, "--steps 4")).ok();
    }
}
