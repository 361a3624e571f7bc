package ddpm.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.cli.Main;
import ddpm.train.TinyRun;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** More images than a tensor of the CPU, or the heap of 256 MB, can hold: 2.25 GiB, of which the disk has a few bytes. */
class LargeSetTest {
    private static final int SIDE = 64;
    private static final int IMAGES = (int) ((9L << 28) / (SIDE * SIDE));

    @TempDir
    Path folder;

    private Path sparse() throws IOException {
        Path file = folder.resolve("data/train-images-idx3-ubyte");
        Files.createDirectories(file.getParent());
        try (RandomAccessFile idx = new RandomAccessFile(file.toFile(), "rw")) {
            for (int word : new int[] {2051, IMAGES, SIDE, SIDE}) {
                idx.writeInt(word);
            }
            idx.setLength(16 + (long) IMAGES * SIDE * SIDE);
        }
        return file.getParent();
    }

    @Test
    @Timeout(900)
    void trainsFromAFileInTheCache() throws Exception {
        Map<String, String> environment =
                Map.of("XDG_CACHE_HOME", folder.resolve("cache").toString());
        Path run = folder.resolve("run");
        String model = "--set model.attention=[false] --set model.mid_attention=false"; // few tokens, little to compute
        String[] train = TinyRun.command(run, sparse(), "--device cpu --steps 2 --batch 2 " + model);
        try (Child child = Child.start(folder, environment, Main.class, train)) {
            while (child.lives()) { // 4.5 GiB are read, however busy the machine is
                Thread.sleep(20);
            }
            assertEquals(0, child.code(), child.out() + child.err());
            assertTrue(child.out().contains("data: 589,824 images 64x64x1 from "), child.out());
            assertTrue(
                    child.out().contains("cache: the decoded images lie in " + folder.resolve("cache")), child.out());
            assertTrue(child.out().contains("done: 2 steps"), child.out());
        }
        assertEquals(2, MetricsLog.read(run.resolve("metrics.jsonl")).size());

        try (Child child = Child.start(folder, environment, Main.class, "data", "clean")) {
            assertEquals(0, child.code(), child.err());
            assertTrue(child.out().contains("1 file, 2.4 GB"), child.out());
        }
        try (Stream<Path> left = Files.list(folder.resolve("cache/ddpm/data/images"))) {
            assertEquals(List.of(), left.toList());
        }
    }
}
