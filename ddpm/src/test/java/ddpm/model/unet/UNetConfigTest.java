package ddpm.model.unet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.UserError;
import ddpm.config.ImageSize;
import ddpm.config.Problems;
import ddpm.config.Yaml;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UNetConfigTest {
    private static UNetConfig of(String yaml) {
        return UNetConfig.of(Yaml.parse(yaml, "test"));
    }

    /** The text of the golden vectors' config objects, which know the reference's keys only. */
    @Test
    void readsTheConfigsOfTheGoldenVectors() {
        UNetConfig full = of("{'im_channels': 1, 'im_size': 28, 'down_channels': [32, 64, 128, 256],"
                + " 'mid_channels': [256, 256, 128], 'down_sample': [true, true, false], 'time_emb_dim': 128,"
                + " 'num_down_layers': 2, 'num_mid_layers': 2, 'num_up_layers': 2, 'num_heads': 4}");
        assertEquals(UNetConfig.reference(), full);

        UNetConfig small =
                of("{'im_channels': 3, 'im_size': 12, 'down_channels': [16, 32, 48], 'mid_channels': [48, 32],"
                        + " 'down_sample': [true, false], 'time_emb_dim': 32, 'num_down_layers': 1, 'num_mid_layers': 1,"
                        + " 'num_up_layers': 1, 'num_heads': 4}");
        assertEquals(List.of(true, true), small.attention());
        assertEquals(3, small.outChannels());
        assertEquals(16, small.convOutChannels());
        assertEquals(new ImageSize(12, 12), small.imSize());
        assertEquals(2, small.levels());
        assertEquals(2, small.downFactor());
    }

    @Test
    void upBlocksEndAtTheWidthOfTheLevelAbove() {
        UNetConfig config = UNetConfig.reference();

        assertEquals(List.of(16, 32, 64), List.of(config.upChannels(0), config.upChannels(1), config.upChannels(2)));
        assertEquals(4, config.downFactor());
    }

    @Test
    void readsHeightAndWidth() {
        assertEquals(new ImageSize(24, 36), of("im_size: [24, 36]").imSize());
    }

    @Test
    void oddWidthsAreFineWhereNothingDividesThem() {
        // upsampling works on one half of the concatenation, so 9 and 15 channels are as good as any
        of("{down_channels: [9, 15, 21], mid_channels: [21, 15], down_sample: [true, false], norm_groups: 3,"
                + " attention: [false, false], mid_attention: false, conv_out_channels: 9}");
    }

    @Test
    void outChannelsFollowTheImages() {
        ImageSize size = new ImageSize(32, 48);

        UNetConfig followed = UNetConfig.reference().forImages(3, size);
        assertEquals(3, followed.imChannels());
        assertEquals(3, followed.outChannels());
        assertEquals(size, followed.imSize());
        // as many for each channel as before, as a learned variance has it
        assertEquals(6, of("out_channels: 2").forImages(3, size).outChannels());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{down_channels: [32, 48, 96, 96], mid_channels: [96, 96], norm_groups: 32} | model.norm_groups: groups=32 does not divide C=48 (model.down_channels[1]); choose 8 or 16",
                "norm_groups: 24 | groups=24 does not divide C=32 (model.down_channels[0]); choose 8 or 16",
                "{down_channels: [16, 32, 44], mid_channels: [44, 32], down_sample: [true, false], norm_groups: 8} | does not divide C=44 (model.down_channels[2], model.mid_channels[0]); choose 2 or 4",
                "{conv_out_channels: 13} | groups=8 does not divide C=13 (model.conv_out_channels); make model.conv_out_channels a multiple of 8",
                "num_heads: 3 | model.num_heads: heads=3 does not divide C=64 (model.down_channels[1]); choose 2 or 4",
                "{num_heads: 32} | heads=32 does not divide C=16 (model.conv_out_channels); choose 8 or 16",
                "mid_channels: [128, 256, 128] | model.mid_channels[0]: the first width is 128 but joins model.down_channels[3]=256; set it to 256",
                "mid_channels: [256, 256] | model.mid_channels[1]: the last width is 256 but joins model.down_channels[2]=128; set it to 128",
                "down_sample: [true] | model.down_sample: 1 entries for the 3 levels of model.down_channels=[32, 64, 128, 256]; give one per level",
                "attention: [true, true] | model.attention: 2 entries for the 3 levels",
                "down_channels: [32] | model.down_channels: needs at least 2 widths, got [32]",
                "mid_channels: [] | model.mid_channels: needs at least 2 widths, got []",
                "down_channels: [32, 0, 128, 256] | model.down_channels[1]: must be at least 1, got 0",
                "mid_channels: [256, -8, 128] | model.mid_channels[1]: must be at least 1, got -8",
                "time_emb_dim: 33 | model.time_emb_dim: must be even",
                "time_emb_dim: 0 | model.time_emb_dim: must be even and at least 2",
                "im_channels: 2 | model.im_channels: must be 1 (grey) or 3 (RGB), got 2",
                "im_size: 0 | model.im_size: sides must be from 1 to 4096 pixels, got 0x0",
                "im_size: [28, 5000] | got 28x5000",
                "im_size: [28] | model.im_size: expected a size such as 28 or [28, 36] (height, width), got [28]",
                "im_size: 28x28 | model.im_size: expected a size",
                "num_down_layers: 0 | model.num_down_layers: must be at least 1, got 0",
                "num_mid_layers: 0 | model.num_mid_layers: must be at least 1",
                "num_up_layers: -1 | model.num_up_layers: must be at least 1",
                "num_heads: 0 | model.num_heads: must be at least 1",
                "norm_groups: 0 | model.norm_groups: must be at least 1",
                "conv_out_channels: 0 | model.conv_out_channels: must be at least 1",
                "out_channels: 0 | model.out_channels: must be at least 1",
                "down_channels: 32 | model.down_channels: expected a list such as [32, 64], got 32",
                "down_channels: [32, x, 128, 256] | model.down_channels[1]: expected an integer, got \"x\"",
                "down_sample: [1, 0, 0] | model.down_sample[0]: expected true or false, got 1",
                "n_heads: 4 | model.n_heads: unknown key; did you mean model.num_heads?",
                "[1, 2] | model.*: expected a section of keys"
            })
    void saysWhatIsWrong(String yaml, String fragment) {
        var error = assertThrows(UserError.class, () -> of(yaml));

        assertEquals(UserError.USAGE, error.exitCode());
        assertTrue(error.getMessage().contains(fragment), error.getMessage());
    }

    @Test
    void attentionDecidesWhichWidthsHeadsMustDivide() {
        String only = "{num_heads: 32, mid_attention: false, attention: ";
        // level 2 attends at 256 on the way down and at 64 on the way up: both are multiples of 32
        assertTrue(isFine(only + "[false, false, true]}"));
        // level 0 attends at 64 on the way down and at conv_out_channels, 16, on the way up
        assertFalse(isFine(only + "[true, false, false]}"));
    }

    private static boolean isFine(String yaml) {
        try {
            of(yaml);
            return true;
        } catch (UserError e) {
            return false;
        }
    }

    @Test
    void listsAllProblemsAtOnce() {
        var error = assertThrows(UserError.class, () -> of("{time_emb_dim: 3, num_heads: 0, im_channels: 7}"));

        assertTrue(error.getMessage().startsWith("3 problems in the configuration:"), error.getMessage());
        Problems none = new Problems();
        UNetConfig.reference().check(none);
        assertTrue(none.isEmpty());
    }
}
