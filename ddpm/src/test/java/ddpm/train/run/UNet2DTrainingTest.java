package ddpm.train.run;

import java.util.List;

/** The second network goes the way of the first. Every kind of layer: heads, asymmetric padding, a bottom with attention. */
class UNet2DTrainingTest extends NetworkTrainingTest {
    UNet2DTrainingTest() {
        super(
                "unet2d",
                1e-4,
                new Rounding(9 * 32, 40, 30_000),
                "model.block_out_channels=[8,16]",
                "model.down_block_types=[DownBlock2D,AttnDownBlock2D]",
                "model.layers_per_block=1",
                "model.norm_num_groups=4",
                "model.attention_head_dim=8",
                "model.downsample_padding=0");
    }

    /** Time that is added, and time that scales. */
    @Override
    List<String> variants() {
        return List.of("model.resnet_time_scale_shift=default", "model.resnet_time_scale_shift=scale_shift");
    }
}
