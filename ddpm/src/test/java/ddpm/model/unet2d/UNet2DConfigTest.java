package ddpm.model.unet2d;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.UserError;
import ddpm.config.ImageSize;
import ddpm.config.Problems;
import ddpm.engine.nn.Parameters;
import ddpm.engine.testing.Devices;
import ddpm.testing.NarrowHeads;
import ddpm.train.settings.ConfigLoader;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UNet2DConfigTest {
    private static UNet2DConfig of(String... settings) {
        return (UNet2DConfig) new ConfigLoader("mnist")
                .set(List.of("model.kind=unet2d"))
                .set(List.of(settings))
                .load()
                .model();
    }

    @Test
    void theStandardIsValid() {
        Problems none = new Problems();
        UNet2DConfig.standard().check(none);
        assertTrue(none.isEmpty());
        assertEquals(UNet2DConfig.standard(), of());
        try (UNet2D net = of().create(Parameters.toLoad(Devices.cpu().backend()))) {
            assertEquals(4_023_233, net.parameters().count()); // as its Javadoc says
        }
    }

    @Test
    void theWayUpMirrorsTheWayDown() {
        assertEquals(
                List.of("AttnUpBlock2D", "AttnUpBlock2D", "UpBlock2D"),
                UNet2DConfig.standard().upBlockTypes());
        assertEquals(4, UNet2DConfig.standard().downFactor());
    }

    @Test
    void outChannelsFollowTheImages() {
        ImageSize size = new ImageSize(32, 48);
        UNet2DConfig followed = UNet2DConfig.standard().forImages(3, size);
        assertEquals(3, followed.imChannels());
        assertEquals(3, followed.outChannels());
        assertEquals(size, followed.imSize());
        assertEquals("10", followed.withClasses("10").classes());
    }

    /** Who names other widths alone means as many levels, of the kinds that there are. */
    @Test
    void theBlocksFollowTheWidths() {
        assertEquals(
                List.of("DownBlock2D", "AttnDownBlock2D"),
                of("model.block_out_channels=[32, 64]").downBlockTypes());
        assertEquals(
                List.of("DownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D"),
                of("model.block_out_channels=[32, 64, 64, 64]").downBlockTypes());
        assertEquals(2, of("model.block_out_channels=[32, 64]").upBlockTypes().size());
        assertEquals(
                List.of("UpBlock2D", "UpBlock2D", "AttnUpBlock2D"),
                of("model.down_block_types=[AttnDownBlock2D, DownBlock2D, DownBlock2D]")
                        .upBlockTypes());
        UNet2DConfig preset = (UNet2DConfig) new ConfigLoader("cifar10")
                .set(List.of("model.block_out_channels=[32, 64]"))
                .load()
                .model();
        assertEquals(List.of("DownBlock2D", "AttnDownBlock2D"), preset.downBlockTypes());
        assertEquals(List.of("AttnUpBlock2D", "UpBlock2D"), preset.upBlockTypes());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "norm_num_groups=24 | model.norm_num_groups: groups=24 does not divide C=32 (model.block_out_channels[0]); choose a divisor of 32, or make it a multiple of 24",
                "attention_head_dim=48 | model.attention_head_dim: channels of a head=48 does not divide C=64 (model.block_out_channels[1])",
                "attn_norm_num_groups=3 | model.attn_norm_num_groups: groups=3 does not divide C=128 (model.block_out_channels[2])",
                "down_block_types=[DownBlock2D] | model.down_block_types: 1 entries for the 3 levels of model.block_out_channels=[32, 64, 128]; give one per level",
                "up_block_types=[UpBlock2D] | model.up_block_types: 1 entries for the 3 levels",
                "down_block_types=[DownBlock2D, AttnDownBlock, DownBlock2D] | model.down_block_types[1]: there is no block \"AttnDownBlock\"; did you mean AttnDownBlock2D?",
                "down_block_types=[SkipDownBlock2D, DownBlock2D, DownBlock2D] | there is no block \"SkipDownBlock2D\"",
                "block_out_channels=[32, 0, 128] | model.block_out_channels[1]: must be at least 1, got 0",
                "block_out_channels=[] | model.block_out_channels: needs from 1 to 13 widths, got []",
                "block_out_channels=[33, 66, 132] | model.block_out_channels[0]: must be even",
                "layers_per_block=0 | model.layers_per_block: must be at least 1, got 0",
                "norm_num_groups=0 | model.norm_num_groups: must be at least 1",
                "norm_eps=0 | model.norm_eps: must be above 0, got 0.0",
                "attention_head_dim=0 | model.attention_head_dim: must be at least 1",
                "time_embedding_dim=0 | model.time_embedding_dim: must be at least 1",
                "mid_block_scale_factor=0 | model.mid_block_scale_factor: must be above 0",
                "downsample_padding=2 | model.downsample_padding: must be 1 (zeros on all sides) or 0 (below and on the right), got 2",
                "freq_shift=16 | model.freq_shift: must be from 0 to below half of model.block_out_channels[0], 16, got 16.0",
                "resnet_time_scale_shift=both | model.resnet_time_scale_shift: must be default or scale_shift, got \"both\"",
                "dropout=0.1 | model.dropout: must be 0: there is no dropout in training here",
                "im_size=0 | model.im_size: sides must be from 1 to 4096 pixels, got 0x0",
                "out_channels=0 | model.out_channels: must be at least 1",
                "classes=few | model.classes: expected auto, none or a number of classes",
                "down_channels=[8, 16] | model.down_channels: unknown key",
                "layers_per_blok=1 | model.layers_per_blok: unknown key; did you mean model.layers_per_block?"
            })
    void saysWhatIsWrong(String setting, String fragment) {
        var error = assertThrows(UserError.class, () -> of("model." + setting));

        assertEquals(UserError.USAGE, error.exitCode());
        assertTrue(error.getMessage().contains(fragment), error.getMessage());
    }

    /** Not a rule of the configuration: another device may well compute them. */
    @Test
    void headsThatTheDeviceDoesNotCompute() {
        UNet2DConfig wide = of("model.attention_head_dim=null");
        UserError e = assertThrows(UserError.class, () -> wide.create(Parameters.toLoad(NarrowHeads.taking(100))));
        assertTrue(
                e.getMessage()
                        .contains(
                                "model.attention_head_dim: each head of C=128 (model.block_out_channels[2]) is 128"
                                        + " wide, the attention of cpu takes at most 100; choose a head of at most 100, or --device cpu"),
                e.getMessage());
        wide.create(Parameters.toLoad(NarrowHeads.taking(128))).close();
    }
}
