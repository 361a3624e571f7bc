package ddpm.bench;

import ddpm.UserError;
import ddpm.config.ImageSize;
import ddpm.data.Classes;
import ddpm.engine.backend.Backend;
import ddpm.model.ModelConfig;
import ddpm.model.unet.UNetConfig;
import ddpm.train.settings.ConfigLoader;
import ddpm.train.settings.RunConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * What is measured: a preset on a device, its images and widths scaled.
 *
 * @param device {@code cpu} or {@code cuda}
 * @param precision {@code fp32}, {@code tf32} or {@code bf16}
 * @param size of the images; null for the preset's
 * @param widths factor on every number of channels but the image's
 */
record Workload(String preset, int batch, String precision, String device, ImageSize size, double widths) {
    static Workload of(String preset, int batch, String precision, String device) {
        return new Workload(preset, batch, precision, device, null, 1);
    }

    RunConfig config() {
        ModelConfig shape = new ConfigLoader(preset).load().model();
        List<String> settings =
                new ArrayList<>(List.of("train.batch=" + batch, "train.steps=1000000", "train.precision=" + precision));
        if (widths != 1) {
            if (!(shape instanceof UNetConfig model)) {
                throw UserError.usage("widths other than 1 are for the networks of kind unet, not for " + preset);
            }
            settings.add("model.down_channels=" + scaled(model.downChannels()));
            settings.add("model.mid_channels=" + scaled(model.midChannels()));
            settings.add("model.conv_out_channels=" + scaled(model.convOutChannels()));
        }
        return new ConfigLoader(preset)
                .set(settings)
                .load()
                .forImages(shape.imChannels(), size == null ? shape.imSize() : size)
                .forClasses(Classes.UNKNOWN); // the images are made up and have no labels
    }

    private List<Integer> scaled(List<Integer> channels) {
        return channels.stream().map(this::scaled).toList();
    }

    private int scaled(int channels) {
        return (int) Math.round(widths * channels);
    }

    /** @throws ddpm.UserError where the device cannot be used */
    Backend open() {
        return Target.open(device, precision);
    }
}
