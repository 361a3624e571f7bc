package ddpm.cli;

import ddpm.sample.ExportSession;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ddpm export}: a checkpoint in the format of another program. */
@Command(
        name = "export",
        sortOptions = false,
        sortSynopsis = false,
        description = {
            "Writes a checkpoint as another program reads it.",
            "",
            "diffusers: config.json, diffusion_pytorch_model.safetensors and scheduler_config.json, for"
                    + " UNet2DModel.from_pretrained and the scheduler's. For trainings with --set model.kind=unet2d.",
            ""
        },
        footer = {"", "Example:", "  ddpm export runs/cifar10 --to diffusers cifar10-diffusers"})
final class ExportCommand implements Callable<Integer> {
    private static final List<String> FORMATS = List.of("diffusers");

    @Spec
    private CommandSpec spec;

    @Mixin
    private CheckpointArgument checkpoint;

    @Option(names = "--to", required = true, paramLabel = "diffusers", description = "The format.")
    private String format;

    @Parameters(
            index = "1",
            paramLabel = "DIR",
            description = "The folder to write, which must not hold a network yet.")
    private Path folder;

    @Override
    public Integer call() throws IOException {
        OptionChecks.oneOf("--to", format, FORMATS);
        new ExportSession(
                        checkpoint.load(spec, "exporting "),
                        folder,
                        spec.commandLine().getOut())
                .run(checkpoint.ema());
        return ExitCode.OK;
    }
}
