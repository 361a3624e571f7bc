package ddpm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import ddpm.DeviceChoice;
import ddpm.sample.SampleRequest;
import ddpm.train.checkpoint.WeightsChoice;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class SampleCommandTest {
    @TempDir
    Path run;

    private static SampleRequest request(String... args) {
        SampleCommand command = new SampleCommand();
        new CommandLine(command).parseArgs(args);
        return command.request();
    }

    @Test
    void withoutOptionsAGridOf64() {
        assertEquals(
                new SampleRequest(
                        run,
                        WeightsChoice.EMA,
                        64,
                        0,
                        64,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        "fp32",
                        Path.of("samples.png"),
                        null,
                        null,
                        null,
                        DeviceChoice.of("auto", true),
                        0),
                request("--checkpoint", run.toString()));
    }

    @Test
    void everyOptionReachesTheRequest() {
        assertEquals(
                new SampleRequest(
                        run,
                        WeightsChoice.RAW,
                        9,
                        -3,
                        5,
                        "ddim",
                        25,
                        "karras",
                        0.5,
                        2.0,
                        0.9,
                        "bf16",
                        Path.of("g.png"),
                        Path.of("each"),
                        Path.of("a.npy"),
                        Path.of("t.gif"),
                        new DeviceChoice(true, false, null),
                        7),
                request(
                        "--checkpoint",
                        run.toString(),
                        "--count",
                        "9",
                        "--seed",
                        "-3",
                        "--batch",
                        "5",
                        "--sampler",
                        "ddim",
                        "--sample-steps",
                        "25",
                        "--spacing",
                        "karras",
                        "--churn",
                        "2",
                        "--threshold",
                        "0.9",
                        "--precision",
                        "bf16",
                        "--eta",
                        "0.5",
                        "--no-graph",
                        "--profile=7",
                        "--grid",
                        "g.png",
                        "--out",
                        "each",
                        "--npy",
                        "a.npy",
                        "--weights",
                        "raw",
                        "--trajectory",
                        "t.gif",
                        "--device",
                        "cuda"));
    }

    @Test
    void noGridWhereAnotherOutputIsNamed() {
        assertNull(request("--checkpoint", run.toString(), "--npy", "a.npy").grid());
    }
}
