package ddpm.model.list;

import static ddpm.config.Named.named;

import ddpm.config.Named;
import ddpm.model.ModelConfig;
import ddpm.model.dit.DiTConfig;
import ddpm.model.unet.UNetConfig;
import ddpm.model.unet2d.UNet2DConfig;
import java.util.List;

/** The networks; each value is the shape that counts where a configuration names none. */
public final class Models {
    public static final List<Named<ModelConfig>> ALL = List.of(
            named(
                    "unet",
                    "U-Net of the reference, explainingai-code/DDPM-Pytorch; Ho et al. 2020",
                    UNetConfig.reference()),
            named("unet2d", "U-Net of Hugging Face diffusers, UNet2DModel; Ho et al. 2020", UNet2DConfig.standard()),
            named("dit", "transformer of image patches, DiT with adaLN-Zero; Peebles & Xie 2023", DiTConfig.small()));

    private Models() {}
}
