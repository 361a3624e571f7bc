package ddpm.train.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.tensorboard.EventFile;
import ddpm.tensorboard.EventReader;
import ddpm.train.LossByTime;
import ddpm.train.TinyRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a training tells TensorBoard is what metrics.jsonl and the previews say, over any number of resumed parts. */
class RunEventsTest {
    private static final String ON = "--preset mnist --batch 8 --set train.tensorboard=true";

    @TempDir
    Path folder;

    private Path train(String name, String more) throws IOException {
        Path data = folder.resolve("data");
        if (!Files.exists(data)) {
            TinyRun.idx(data, 41);
        }
        Path run = folder.resolve(name);
        Ran.of(TinyRun.command(run, data, ON + " " + more)).ok();
        return run;
    }

    private static List<EventReader.Read> events(Path file) throws IOException {
        return EventReader.all(file);
    }

    /** Those with numbers. */
    private static List<EventReader.Read> points(List<EventReader.Read> events) {
        return events.stream().filter(e -> !e.scalars().isEmpty()).toList();
    }

    private static void assertPoints(List<Metrics> lines, List<EventReader.Read> points) {
        assertEquals(
                lines.stream().map(Metrics::step).toList(),
                points.stream().map(EventReader.Read::step).toList());
        for (int i = 0; i < lines.size(); i++) {
            Metrics line = lines.get(i);
            Map<String, Float> point = points.get(i).scalars();
            assertEquals((float) line.loss(), point.get("loss/logged"));
            assertEquals((float) line.smoothedLoss(), point.get("loss/smoothed"));
            assertEquals((float) line.lr(), point.get("training/learning_rate"));
            assertEquals((float) line.gradNorm(), point.get("training/gradient_norm"));
            assertEquals((float) line.epoch(), point.get("training/epoch"));
            assertEquals((float) line.imagesPerS(), point.get("machine/images_per_s"));
            assertEquals((float) (line.memoryBytes() / 1e6), point.get("machine/memory_mb"));
            List<String> parts = List.of("0.00-0.25", "0.25-0.50", "0.50-0.75", "0.75-1.00");
            for (int p = 0; p < parts.size(); p++) {
                double want = line.lossByT().get(p);
                Float got = point.get("loss_by_t/" + parts.get(p));
                assertTrue(Double.isNaN(want) ? got == null : Objects.equals((float) want, got), want + " " + got);
            }
        }
    }

    @Test
    void everyLineAndEveryPreview() throws IOException {
        Path run = train("run", "--steps 12 --sample-every 5");
        List<Path> files = EventFile.in(run);
        assertEquals(1, files.size());
        List<EventReader.Read> events = events(files.get(0));
        assertPoints(MetricsLog.read(run.resolve("metrics.jsonl")), points(events));
        List<Long> previews = new ArrayList<>();
        for (EventReader.Read event : events) {
            if (event.images().containsKey("samples")) {
                previews.add(event.step());
                assertArrayEquals(
                        Files.readAllBytes(
                                run.resolve(String.format(Locale.ROOT, "samples/step-%08d.png", event.step()))),
                        event.images().get("samples").file());
            }
            assertEquals(0, event.session());
        }
        assertEquals(List.of(5L, 10L, 12L), previews);
    }

    /** A checkpoint at 10, a run that was killed at 12: what follows from 11 on replaces what was said of 11 and 12. */
    @Test
    void aResumedRunReplacesWhatCameAfterItsCheckpoint() throws IOException {
        Path run = train("run", "--steps 12 --save-every 5");
        remove(run.resolve("checkpoints/step-00000012"));
        Files.writeString(run.resolve("checkpoints/latest"), "step-00000010\n");
        Ran.of(TinyRun.resume(run, "--steps 14")).ok();

        List<Path> files = EventFile.in(run);
        assertEquals(2, files.size());
        List<EventReader.Read> first = points(events(files.get(0)));
        List<EventReader.Read> second = events(files.get(1));
        assertEquals("brain.Event:2", second.get(0).version());
        assertEquals(1, second.get(1).session());
        assertEquals(11, second.get(1).step());
        List<EventReader.Read> together = new ArrayList<>(
                first.stream().filter(e -> e.step() < second.get(1).step()).toList());
        together.addAll(points(second));
        assertPoints(MetricsLog.read(run.resolve("metrics.jsonl")), together);
    }

    /** As a run of an earlier version, one that was rescued into another folder, or one that had it turned off. */
    @Test
    void aRunWithoutEventsBeginsWithItsMetrics() throws IOException {
        Path run = train("run", "--steps 6 --set train.tensorboard=false");
        assertEquals(List.of(), EventFile.in(run));
        Ran.of(TinyRun.resume(run, "--steps 9 --set train.tensorboard=true")).ok();
        List<EventReader.Read> events = events(EventFile.in(run).get(0));
        assertPoints(MetricsLog.read(run.resolve("metrics.jsonl")), points(events));
        for (int i = 2; i < events.size(); i++) {
            assertTrue(events.get(i - 1).seconds() <= events.get(i).seconds(), "time goes on");
        }
    }

    /** The curves go on where somebody deletes the files of a training that runs, and nothing is written by one that is done. */
    @Test
    void filesThatAreRemovedComeBackWhole() throws IOException {
        Path run = train("run", "--steps 3");
        try (RunFolder held = RunFolder.create(run, true);
                MetricsLog log = MetricsLog.open(held.metrics(), 3);
                RunEvents events = RunEvents.of(held, 3, true)) {
            assertEquals(1, EventFile.in(run).size(), "nothing yet");
            for (long step = 4; step <= 6; step++) {
                Metrics line = new Metrics(step, 0, 8 * step, 1, 1, LossByTime.unknown(), 1, 1, 1, 0, step);
                log.append(line);
                events.add(line);
                if (step == 5) {
                    for (Path file : EventFile.in(run)) {
                        Files.delete(file);
                    }
                }
            }
        }
        List<EventReader.Read> points = points(events(EventFile.in(run).get(0)));
        assertEquals(
                List.of(1L, 2L, 3L, 4L, 5L, 6L),
                points.stream().map(EventReader.Read::step).toList());
        assertTrue(points.get(5).scalars().keySet().stream()
                .noneMatch(n -> n.startsWith("loss_by_t") || n.endsWith("mb")));
    }

    private static void remove(Path tree) throws IOException {
        try (var files = Files.list(tree)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(tree);
    }
}
