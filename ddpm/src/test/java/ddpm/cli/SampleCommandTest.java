package ddpm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.DeviceChoice;
import ddpm.UserError;
import ddpm.diffusion.Guidance;
import ddpm.sample.ClassRequest;
import ddpm.sample.EditRequest;
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
                        ClassRequest.NONE,
                        EditRequest.NONE,
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
                        new ClassRequest("7,3", new Guidance(2.5, 0.7, 0.1, 0.9), true),
                        EditRequest.NONE,
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
                        "--class",
                        "7,3",
                        "--guidance",
                        "2.5",
                        "--guidance-interval",
                        "0.1,.9",
                        "--guidance-rescale",
                        "0.7",
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

    @Test
    void guidanceThatCannotBe() {
        refused("--guidance-rescale", "--guidance is not given", "--guidance-rescale", "0.7");
        refused("--guidance-interval", "--guidance is not given", "--guidance-interval", "0.1,0.9");
        refused("--guidance -1.0", "from 0 to 100", "--guidance", "-1");
        refused("--guidance NaN", "from 0 to 100", "--guidance", "NaN");
        refused("--guidance-rescale 1.5", "from 0 (not) to 1", "--guidance", "2", "--guidance-rescale", "1.5");
        for (String interval : new String[] {"0.9,0.1", "0.5", "0.1,1.2", "a,b", "-0.1,0.5", "0.5,0.5"}) {
            refused(
                    "--guidance-interval " + interval,
                    "such as 0.1,0.9",
                    "--guidance",
                    "2",
                    "--guidance-interval=" + interval);
        }
    }

    private void refused(String begins, String says, String... options) {
        String[] all = new String[options.length + 2];
        all[0] = "--checkpoint";
        all[1] = run.toString();
        System.arraycopy(options, 0, all, 2, options.length);
        UserError e = assertThrows(UserError.class, () -> request(all));
        assertTrue(e.getMessage().startsWith(begins), e.getMessage());
        assertTrue(e.getMessage().contains(says), e.getMessage());
    }
}
