package ddpm.train.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.disk.FaultySink;
import ddpm.disk.MemoryFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A save in which the k-th file operation goes wrong, for every k: a loadable checkpoint, old or new, is found. */
class CheckpointFaultTest {
    @TempDir(factory = MemoryFolder.class)
    Path folder;

    /** The steps saved before, the step whose save goes wrong, and how. */
    record Scenario(List<Long> before, long step, FaultySink.Fault fault, boolean late) {}

    static List<Scenario> scenarios() {
        List<Scenario> scenarios = new ArrayList<>();
        for (FaultySink.Fault fault : FaultySink.Fault.values()) {
            for (boolean late : new boolean[] {false, true}) {
                scenarios.add(new Scenario(List.of(), 20, fault, late));
                scenarios.add(new Scenario(List.of(10L, 12L, 14L), 20, fault, late)); // prunes
                scenarios.add(new Scenario(List.of(20L), 20, fault, late)); // replaces the only one
                scenarios.add(new Scenario(List.of(10L, 20L, 30L), 20, fault, late)); // replaces and drops
            }
        }
        return scenarios;
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void findsTheOldOrTheNew(Scenario scenario) throws IOException {
        Path before = folder.resolve("before");
        CheckpointStore disk = new CheckpointStore(Files.createDirectories(before), FaultySink.UNSYNCED);
        for (long step : scenario.before) disk.save(Checkpoints.at(step));
        Files.createDirectories(before.resolve("checkpoints/.tmp-step-00000001-1")); // of a killed run
        int k = 0;
        for (boolean reached = true; reached; ) {
            k++;
            Path run = folder.resolve("run-" + k);
            link(before, run);
            FaultySink sink = new FaultySink(scenario.fault, k, scenario.late);
            new Trial(scenario, run, sink, scenario + " k=" + k).check();
            reached = sink.reached();
        }
        assertTrue(k > 12, "only " + k + " operations were reached");
    }

    /** A copy that shares the files: nothing may write into one that exists, so sharing is no harm. */
    private static void link(Path from, Path to) throws IOException {
        if (!Files.isDirectory(from)) {
            Files.createLink(to, from);
            return;
        }
        Files.createDirectory(to);
        for (String name : Checkpoints.names(from)) link(from.resolve(name), to.resolve(name));
    }

    private record Trial(Scenario scenario, Path run, FaultySink sink, String label) {
        void check() throws IOException {
            Optional<Checkpoint> old = latest();
            Checkpoint fresh = Checkpoints.at(scenario.step, 7);
            try {
                List<Path> notRemoved =
                        new CheckpointStore(run, sink).save(fresh).notRemoved();
                assertEquals(Optional.of(fresh), latest(), this::context);
                if (isKilled()) assertTrue(!sink.reached(), this::context);
                if (notRemoved.isEmpty()) assertClean(3);
            } catch (CheckpointException e) {
                assertFoundIn(List.of(old, Optional.of(fresh)));
                String named = disk().latest().map(Path::toString).orElse("there is no earlier checkpoint");
                assertTrue(e.getMessage().contains(named + ";"), () -> context() + ": " + e.getMessage());
                if (scenario.fault == FaultySink.Fault.ONCE) assertClean(4); // 3 and a new one that was not named
            } catch (FaultySink.Killed e) {
                assertTrue(isKilled(), this::context);
                assertFoundIn(List.of(old, Optional.of(fresh)));
            }
            // Whatever is left there, the run goes on.
            assertEquals(List.of(), disk().save(Checkpoints.at(40)).notRemoved(), this::context);
            assertEquals(Optional.of(Checkpoints.at(40)), latest(), this::context);
            assertClean(3);
        }

        private boolean isKilled() {
            return scenario.fault == FaultySink.Fault.KILL;
        }

        private CheckpointStore disk() {
            return new CheckpointStore(run, FaultySink.UNSYNCED);
        }

        private Optional<Checkpoint> latest() throws IOException {
            Optional<Path> latest = disk().latest();
            return latest.isEmpty() ? Optional.empty() : Optional.of(disk().load(latest.get()));
        }

        private void assertFoundIn(List<Optional<Checkpoint>> either) throws IOException {
            Optional<Checkpoint> found = latest();
            assertTrue(either.contains(found), () -> context() + " found " + found);
        }

        private void assertClean(int checkpoints) throws IOException {
            List<String> names = Checkpoints.names(run.resolve("checkpoints"));
            assertTrue(names.stream().noneMatch(name -> name.startsWith(".tmp-")), () -> context() + " left " + names);
            assertTrue(names.size() <= checkpoints + 1, () -> context() + " left " + names);
        }

        private String context() {
            return label + " in " + sink.log;
        }
    }
}
