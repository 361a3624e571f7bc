package ddpm.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ddpm.UserError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** A benchmark measures what was asked for, or says why not. */
class TargetTest {
    private static void assertRefused(String sentence, Executable open) {
        assertEquals(sentence, assertThrows(UserError.class, open).getMessage());
    }

    @Test
    void refusesUnknownNames() {
        assertRefused("device tpu: must be cpu or cuda", () -> Target.open("tpu", "fp32"));
        assertRefused("device auto: must be cpu or cuda", () -> Target.open("auto", "fp32"));
        assertRefused("precision fp64: must be fp32, tf32 or bf16", () -> Target.open("cpu", "fp64"));
        assertRefused("precision auto: must be fp32, tf32 or bf16", () -> Target.open("cpu", "auto"));
    }

    @Test
    void everyBenchmarkAsks() {
        LossBench bench = new LossBench();
        bench.device = "tpu";
        bench.precision = "fp32";
        assertRefused("device tpu: must be cpu or cuda", bench::open);
        assertRefused("device tpu: must be cpu or cuda", () -> Workload.of("quick", 1, "fp32", "tpu")
                .open());
    }

    @ParameterizedTest
    @CsvSource({"--warmup,0", "--samples,0", "--sampling-samples,-1", "--device,tpu", "--precision,auto", "--size,big"})
    void stepTimeRefuses(String option, String value) {
        assertEquals(1, new CommandLine(new StepTime()).execute("--preset", "quick", "--force", option, value));
    }
}
