package ddpm.engine.backend.cuda.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The CUDA simulator (kernels/src/sim): every planted fault is found where it is, and right programs pass. */
@Tag("cuda")
class SimulatorTest {

    /** One launch that must fail. Block and thread are null where the simulator can name the kernel only. */
    private record Fault(String launch, int status, String block, String thread, String what) {
        static Fault of(String launch, int status, int thread, String what) {
            return new Fault(launch, status, "(0,0,0)", "(" + thread + ",0,0)", what);
        }

        String kernel() {
            return launch.split(" ")[0];
        }
    }

    private static final List<Fault> IN_BOTH = List.of(
            Fault.of("divergent_barrier 1 256 x 256", 719, 16, "divergent barrier"),
            Fault.of("two_barriers 1 256 x 256", 719, 32, "divergent barrier"),
            Fault.of("odd_lanes_shuffle 1 256 x 256", 719, 1, "no thread can go on"),
            Fault.of("mixed_warp 1 256 x 256", 719, 1, "lanes of one warp meet in different operations"),
            Fault.of("outside_mask 1 256 x 256", 719, 16, "lane 16 is not in the mask"),
            Fault.of("misaligned 1 256 x 256", 700, 3, "misaligned"),
            Fault.of("null_pointer 1 256 null 256", 700, 0, "memory access"),
            Fault.of("zero_divisor 1 256 x 256", 719, 0, "division by zero"),
            Fault.of("too_much_shared 1 256 x 256", 719, 0, "52000 bytes of variables"),
            new Fault("second_block_fails 40 256 x 256", 719, "(1,0,0)", "(7,0,0)", "__trap()"));

    private static final List<Fault> IN_FAST = List.of(new Fault(
            "past_the_end 1 256 x 256", 700, null, null, "wrote behind the end of an allocation of 1024 bytes"));

    private static final List<Fault> IN_CHECK = List.of(
            Fault.of("block_race 1 256 x 256", 719, 0, "race: write of what thread 255 of the block read"),
            Fault.of("overwrite_race 1 256 x 256", 719, 0, "race: read of what thread 255 of the block wrote"),
            Fault.of("warp_race 1 32 x 256", 719, 0, "race: write of what thread 31 of the block read"),
            Fault.of("one_too_many 1 256 x 256", 719, 1, "race: write of what thread 0 of the block wrote"),
            new Fault("blocks_overlap 2 128 x 256", 719, "(1,0,0)", "(0,0,0)", "race: write of what block 0 wrote"),
            new Fault("next_block 2 128 x 256", 719, "(1,0,0)", "(0,0,0)", "race: write of what block 0 read"),
            Fault.of("reversed_in_place 1 256 x 256", 719, 128, "race: read of what thread 127 of the block wrote"),
            Fault.of("past_the_end 1 256 x 256", 700, 0, "invalid global memory access: write of 4 bytes"),
            Fault.of("before_the_start 1 256 x y 256", 700, 0, "invalid global memory access: read of 4 bytes"),
            Fault.of("unwritten 1 256 u y 256", 719, 0, "read of global memory that was never written"),
            Fault.of("unwritten_shared 1 256 x 256", 719, 5, "read of shared memory that was never written"),
            Fault.of("past_shared 1 256 x 256", 719, 255, "index 256 is outside the array"),
            Fault.of("past_dynamic 1 256 x 256", 700, 0, "outside every __shared__ variable"),
            Fault.of("next_row 1 256 x 256", 719, 0, "index 4 is outside the array"),
            Fault.of("overflowing_index 1 256 x 256", 719, 9, "integer overflow of a product"),
            Fault.of("fault_in_function 1 256 x y 256", 700, 0, ", called at faults.cu:"));

    @Test
    void findsFaultsInFastMode() throws Exception {
        find("fast", IN_FAST);
    }

    @Test
    void findsFaultsInCheckMode() throws Exception {
        find("check", IN_CHECK);
    }

    private static void find(String mode, List<Fault> more) throws Exception {
        List<Fault> faults = Stream.concat(IN_BOTH.stream(), more.stream()).toList();
        Map<String, String> said =
                Simulator.mode(mode).program(faults.stream().map(Fault::launch).toList());
        List<String> wrong = new ArrayList<>();
        for (Fault fault : faults) {
            String text = said.getOrDefault(fault.kernel(), "nothing");
            for (String part : wanted(fault)) {
                if (!text.contains(part)) {
                    wrong.add("'" + part + "' is missing for " + fault.kernel() + ":\n" + text);
                }
            }
        }
        assertEquals(List.of(), wrong);
    }

    private static List<String> wanted(Fault fault) throws Exception {
        List<String> parts =
                new ArrayList<>(List.of("kernel " + fault.kernel(), fault.what(), "status " + fault.status()));
        if (fault.thread() != null) {
            parts.add("block " + fault.block() + " thread " + fault.thread());
            parts.add("faults.cu:" + markedLine(fault.kernel()));
        }
        return parts;
    }

    /** The line marked "fault" in this kernel. */
    private static int markedLine(String kernel) throws Exception {
        List<String> lines = Files.readAllLines(Simulator.SOURCES.resolve("test/faults.cu"));
        boolean inside = false;
        for (int i = 0; i < lines.size(); i++) {
            boolean called = kernel.equals("fault_in_function") && lines.get(i).contains("float load(");
            inside |= called || lines.get(i).contains("void " + kernel + "(");
            if (inside && lines.get(i).contains("// fault")) {
                return i + 1;
            }
        }
        throw new AssertionError("no line of " + kernel + " is marked");
    }

    @ParameterizedTest
    @ValueSource(strings = {"fast", "check"})
    void rightKernelsPass(String mode) throws Exception {
        List<String> launches = List.of(
                "warp_in_order 1 32 x 256",
                "block_in_order 1 256 x 256",
                "block_in_order 1 96 x 256",
                "global_in_order 1 256 x 256");
        Map<String, String> said = Simulator.mode(mode).program(launches);
        assertEquals("status 0\n", said.get("warp_in_order"));
        assertEquals("status 0\n", said.get("block_in_order"));
        assertEquals("status 0\n", said.get("global_in_order"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"fast", "check"})
    void behavesLikeADevice(String mode) throws Exception {
        passes(
                Simulator.mode(mode),
                "warps",
                "dynamicSharedMemory",
                "roundings",
                "matrixStep",
                "manyBlocks",
                "copiesOutsideAllocations",
                "freedBlocksLeaveTheirNeighbours",
                "mappedPinnedMemory",
                "modules",
                "graphs",
                "synchronousCallsSpoilACapture",
                "captureOfTwoStreams",
                "waitsForItsResult",
                "pageableSourcesAreCopiedAtOnce",
                "eventsOrderStreams");
    }

    @Test
    void givesTheSameInReverseOrderAndOnOneCore() throws Exception {
        passes(Simulator.mode("fast").with("REVERSE", 1).with("THREADS", 1), "warps", "manyBlocks", "graphs");
    }

    @Test
    void fillsFreshMemoryWithNaN() throws Exception {
        passes(Simulator.mode("fast"), "freshMemoryIsNaN");
    }

    @Test
    void runsOutOfMemory() throws Exception {
        passes(Simulator.mode("fast").with("MEMORY_MB", 1), "outOfMemory");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void showsMissingSynchronisationInDeferredMode(long seed) throws Exception {
        passes(
                Simulator.mode("fast").with("DEFERRED", seed),
                "waitsForItsResult",
                "readsTooEarly",
                "changesItsSourceTooEarly",
                "pageableSourcesAreCopiedAtOnce",
                "eventsOrderStreams",
                "missingEventShows",
                "graphs",
                "captureOfTwoStreams");
    }

    @Test
    void pretendsToBeAnotherMachine() throws Exception {
        passes(Simulator.mode("fast").with("NO_DEVICE", 1), "bareNoDevice");
        passes(Simulator.mode("fast").with("DRIVER_VERSION", 13000).with("CAPABILITY", 75), "bareOldDeviceNewDriver");
    }

    private static void passes(Simulator simulator, String... scenarios) throws Exception {
        Map<String, String> said = simulator.program(List.of(scenarios));
        for (String scenario : scenarios) {
            String text = said.getOrDefault(scenario, "nothing");
            assertTrue(text.endsWith("passed\n"), () -> scenario + ":\n" + text);
        }
    }
}
