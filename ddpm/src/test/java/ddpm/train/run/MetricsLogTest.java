package ddpm.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.disk.FaultySink;
import ddpm.disk.FileSink;
import ddpm.disk.MemoryFolder;
import ddpm.train.LossByTime;
import ddpm.train.checkpoint.Checkpoints;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsLogTest {
    @TempDir(factory = MemoryFolder.class)
    Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("metrics.jsonl");
    }

    private static Metrics at(long step) {
        List<Double> byT = List.of(0.5, 1.0 / step, 0.25, Double.NaN);
        return new Metrics(step, 1, 64 * step, 1.0 / step, 2.0, byT, 1e-4, 0.1 + step, 370.5, 1 << 20, 0.25 * step);
    }

    private void append(long openedAt, long... steps) throws IOException {
        try (MetricsLog log = MetricsLog.open(file, openedAt)) {
            for (long step : steps) log.append(at(step));
        }
    }

    private List<Long> steps() throws IOException {
        return MetricsLog.read(file).stream().map(Metrics::step).toList();
    }

    @Test
    void writesOneObjectALine() throws IOException {
        append(0, 4);
        assertEquals(
                "{\"step\":4,\"epoch\":1,\"images\":256,\"loss\":0.25,\"smoothed_loss\":2.0,"
                        + "\"loss_by_t\":[0.5,0.25,0.25,null],\"lr\":1.0E-4,\"grad_norm\":4.1,"
                        + "\"images_per_s\":370.5,\"memory_bytes\":1048576,\"seconds\":1.0}\n",
                Files.readString(file));
        assertEquals(List.of(at(4)), MetricsLog.read(file));
    }

    @Test
    void aLineIsInTheFileWhenAppendReturns() throws IOException {
        try (MetricsLog log = MetricsLog.open(file, 0)) {
            log.append(at(1));
            assertEquals(List.of(1L), steps());
            log.append(at(2));
            assertEquals(List.of(1L, 2L), steps());
        }
    }

    @Test
    void resumeDropsWhatCameAfterTheCheckpoint() throws IOException {
        append(0, 10, 20, 30, 40);
        try (MetricsLog log = MetricsLog.open(file, 20)) {
            assertEquals(List.of(at(10), at(20)), log.kept());
        }
        append(20, 25);
        assertEquals(List.of(10L, 20L, 25L), steps());
        assertEquals(List.of("metrics.jsonl"), Checkpoints.names(folder));
    }

    @Test
    void aTornLastLineIsDropped() throws IOException {
        append(0, 10, 20, 30);
        String whole = Files.readString(file);
        int last = whole.lastIndexOf('{');
        for (int length = last; length < whole.length(); length++) {
            Files.writeString(file, whole.substring(0, length));
            boolean torn = length < whole.length() - 1; // the object may be whole and only its line break missing
            assertEquals(torn ? List.of(10L, 20L) : List.of(10L, 20L, 30L), steps(), "cut at " + length);
            append(30, 35);
            assertEquals(torn ? List.of(10L, 20L, 35L) : List.of(10L, 20L, 30L, 35L), steps(), "cut at " + length);
        }
    }

    @Test
    void aDamagedLineInTheMiddleIsAnError() throws IOException {
        for (String line : List.of("{\"step\":15", "{}", "[]", "7", "{\"step\":1.5}")) {
            append(0, 10);
            Files.writeString(file, Files.readString(file) + line + "\n" + at(20).toJson() + "\n");
            String before = Files.readString(file);
            var e = assertThrows(RunFolderException.class, () -> MetricsLog.open(file, 20));
            assertTrue(e.getMessage().startsWith(file + " line 2 is damaged: "), e.getMessage());
            assertThrows(RunFolderException.class, this::steps);
            assertEquals(before, Files.readString(file));
            Files.delete(file);
        }
    }

    /** A later version's keys survive the rewriting. */
    @Test
    void keepsTheTextOfTheLines() throws IOException {
        append(0, 10, 20);
        String more = Files.readString(file).replace("\"epoch\":1", "\"epoch\":1,\"val_loss\":3");
        Files.writeString(file, more);
        append(10);
        assertEquals(more.lines().findFirst().orElseThrow() + "\n", Files.readString(file));
    }

    /** Runs of before go on. */
    @Test
    void linesOfEarlierVersionsHaveLess() throws IOException {
        Files.writeString(
                file,
                "{\"step\":4,\"epoch\":1,\"images\":256,\"loss\":0.25,\"lr\":1.0E-4,\"grad_norm\":4.1,"
                        + "\"images_per_s\":370.5,\"seconds\":1.0}\n");
        List<Double> byT = LossByTime.unknown();
        assertEquals(
                List.of(new Metrics(4, 1, 256, 0.25, Double.NaN, byT, 1e-4, 4.1, 370.5, 0, 1)), MetricsLog.read(file));
    }

    @Test
    void whatIsNotFiniteIsNull() throws IOException {
        List<Double> byT = LossByTime.unknown();
        Metrics metrics = new Metrics(1, 0, 64, Double.NaN, 1, byT, 1e-4, Double.POSITIVE_INFINITY, 1, 1, 1);
        try (MetricsLog log = MetricsLog.open(file, 0)) {
            log.append(metrics);
        }
        assertTrue(Files.readString(file).contains("[null,null,null,null],\"lr\":1.0E-4,\"grad_norm\":null"));
        Metrics read = MetricsLog.read(file).get(0);
        assertEquals(new Metrics(1, 0, 64, Double.NaN, 1, byT, 1e-4, Double.NaN, 1, 1, 1), read);
    }

    /** Whichever operation of the rewriting fails, the old or the new series is there, whole. */
    @Test
    void rewritingLosesNothing() throws IOException {
        for (FaultySink.Fault fault : FaultySink.Fault.values()) {
            int k = 1;
            for (boolean reached = true; reached; k++) {
                Files.deleteIfExists(file);
                append(0, 10, 20, 30);
                FaultySink sink = new FaultySink(fault, k, false);
                try {
                    MetricsLog.open(file, 20, sink).close();
                } catch (RunFolderException e) {
                    assertTrue(e.getMessage().contains("cannot be opened: No space left on device"), e.getMessage());
                } catch (FaultySink.Killed e) {
                    assertEquals(FaultySink.Fault.KILL, fault);
                }
                assertTrue(List.of(List.of(10L, 20L), List.of(10L, 20L, 30L)).contains(steps()), fault + " k=" + k);
                if (fault == FaultySink.Fault.ONCE) assertEquals(List.of("metrics.jsonl"), Checkpoints.names(folder));
                Files.deleteIfExists(folder.resolve(".tmp-metrics.jsonl-" + FileSink.pid()));
                reached = sink.reached();
            }
            assertTrue(k > 4, fault + " k=" + k);
        }
    }

    @Test
    void saysWhyItCannotBeRead() {
        Path missing = folder.resolve("missing/metrics.jsonl");
        var e = assertThrows(RunFolderException.class, () -> MetricsLog.read(missing));
        assertTrue(e.getMessage().contains("cannot be read: no such file or folder"), e.getMessage());
        e = assertThrows(RunFolderException.class, () -> MetricsLog.open(missing, 0));
        assertTrue(e.getMessage().contains("cannot be opened: no such file or folder"), e.getMessage());
    }

    /** Linux has a device that is always full. */
    @Test
    void saysThatTheDiskIsFull() {
        Path full = Path.of("/dev/full");
        Assumptions.assumeTrue(Files.isWritable(full), "no /dev/full");
        var e = assertThrows(RunFolderException.class, () -> appendTo(full));
        assertTrue(e.getMessage().contains("cannot be written: No space left on device"), e.getMessage());
    }

    /** A disk that fills up inside a line and has space again later: the next line does not follow half of one. */
    @Test
    void aLineThatDoesNotFitLeavesNothing() throws IOException {
        try (FileChannel disk = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                FillingChannel filling = new FillingChannel(disk);
                MetricsLog log = new MetricsLog(file, filling, List.of())) {
            log.append(at(1));
            filling.full = true;
            assertThrows(RunFolderException.class, () -> log.append(at(2)));
            filling.full = false;
            log.append(at(3));
        }
        assertEquals(at(1).toJson() + "\n" + at(3).toJson() + "\n", Files.readString(file));
    }

    /** Takes 10 bytes more when it is full, then none. */
    private static final class FillingChannel implements SeekableByteChannel {
        private final FileChannel disk;
        private boolean full;

        FillingChannel(FileChannel disk) {
            this.disk = disk;
        }

        @Override
        public int write(ByteBuffer from) throws IOException {
            if (!full) return disk.write(from);
            if (from.position() > 0) throw new IOException("No space left on device");
            int written = disk.write(from.slice(0, 10));
            from.position(written);
            return written;
        }

        @Override
        public int read(ByteBuffer to) throws IOException {
            return disk.read(to);
        }

        @Override
        public long position() throws IOException {
            return disk.position();
        }

        @Override
        public SeekableByteChannel position(long position) throws IOException {
            disk.position(position);
            return this;
        }

        @Override
        public long size() throws IOException {
            return disk.size();
        }

        @Override
        public SeekableByteChannel truncate(long size) throws IOException {
            disk.truncate(size);
            return this;
        }

        @Override
        public boolean isOpen() {
            return disk.isOpen();
        }

        @Override
        public void close() throws IOException {
            disk.close();
        }
    }

    private static void appendTo(Path path) throws IOException {
        try (MetricsLog log = MetricsLog.open(path, 0)) {
            log.append(at(1));
        }
    }
}
