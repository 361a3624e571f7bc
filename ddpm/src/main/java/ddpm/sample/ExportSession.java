package ddpm.sample;

import ddpm.DeviceChoice;
import ddpm.Devices;
import ddpm.UserError;
import ddpm.diffusion.schedule.ScheduleConfig;
import ddpm.engine.backend.Backend;
import ddpm.engine.nn.Parameters;
import ddpm.huggingface.ModelExport;
import ddpm.huggingface.ModelFolder;
import ddpm.huggingface.SchedulerJson;
import ddpm.model.Model;
import ddpm.model.unet2d.UNet2DConfig;
import ddpm.train.checkpoint.TrainedModel;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** {@code ddpm export --to diffusers}: the weights of a checkpoint and what they are for, as diffusers reads them. */
public final class ExportSession {
    private final TrainedModel trained;
    private final Path folder;
    private final PrintWriter out;

    /** @param folder where the files go @param out what was written */
    public ExportSession(TrainedModel trained, Path folder, PrintWriter out) {
        this.trained = trained;
        this.folder = folder;
        this.out = out;
    }

    /**
     * Writes the folder.
     *
     * @param ema which of two copies to take, where a file of weights holds both
     * @throws UserError where diffusers has no such network, the weights do not fit it, or the folder holds other files
     */
    public void run(boolean ema) {
        if (!(trained.model() instanceof UNet2DConfig network)) {
            throw UserError.usage(
                    trained.file() + ": its network is not laid out as a UNet2DModel, the one network that is written"
                            + " for diffusers; train one with --set model.kind=unet2d");
        }
        requireFree();
        ScheduleConfig diffusion = trained.diffusion();
        var scheduler = SchedulerJson.write(diffusion, trained.objective(), trained.sample());
        try (Backend cpu = Devices.open(DeviceChoice.CPU, "fp32");
                Model model = network.create(Parameters.toLoad(cpu))) {
            String note = WeightNames.load(trained, model, ema);
            if (!note.isEmpty()) {
                out.println(trained.file() + ": " + note);
            }
            new ModelExport(network, model.parameters().sources(), scheduler).write(folder);
            out.printf(
                    Locale.ROOT,
                    "wrote %s: %,d parameters of %s%n",
                    folder,
                    model.parameters().count(),
                    trained.file());
        }
        out.println(scheduler
                .map(json -> "diffusers reads it with UNet2DModel.from_pretrained and "
                        + json.path("_class_name").asText() + ".from_pretrained; steps and eta are said when drawing")
                .orElse("there is no " + ModelFolder.SCHEDULER + " in it: diffusers has no scheduler for "
                        + diffusion.getClass().getSimpleName().toLowerCase(Locale.ROOT) + " with "
                        + trained.sample().sampler()));
        out.flush();
    }

    /** A folder of another network must not end up with a file of this one. */
    private void requireFree() {
        Optional<String> taken = Files.exists(folder) && !Files.isDirectory(folder)
                ? Optional.of("is a file")
                : Files.exists(folder.resolve(ModelFolder.CONFIG))
                        ? Optional.of("holds a network already")
                        : Optional.empty();
        taken.ifPresent(what -> {
            throw UserError.usage(folder + ": " + what + "; name another folder");
        });
    }
}
