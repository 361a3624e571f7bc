package ddpm.cli;

import ddpm.sample.ModelReport;
import ddpm.train.checkpoint.TrainedModel;
import ddpm.train.checkpoint.TrainedModels;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code ddpm info}: what a checkpoint is. */
@Command(
        name = "info",
        sortOptions = false,
        sortSynopsis = false,
        description = {
            "Says what a checkpoint is: its network, schedule, prediction, classes and training, and every tensor with its"
                    + " shape.",
            ""
        },
        footer = {"", "Examples:", "  ddpm info runs/quick", "  ddpm info runs/quick/checkpoints/step-00008800"})
final class InfoCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private CheckpointArgument checkpoint;

    @Override
    public Integer call() throws IOException {
        TrainedModel trained = checkpoint.load(spec, "reading ");
        new ModelReport(
                        trained,
                        TrainedModels.steps(trained),
                        spec.commandLine().getOut())
                .print();
        return ExitCode.OK;
    }
}
