package ddpm.model.dit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.UserError;
import ddpm.config.ImageSize;
import ddpm.engine.nn.Parameters;
import ddpm.engine.testing.Devices;
import ddpm.testing.NarrowHeads;
import ddpm.train.settings.ConfigLoader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiTConfigTest {
    private static DiTConfig of(String... settings) {
        List<String> all = new ArrayList<>(List.of("model.kind=dit"));
        all.addAll(List.of(settings));
        return (DiTConfig) new ConfigLoader("quick").set(all).load().model();
    }

    @Test
    void theKindHasSettingsOfItsOwn() {
        DiTConfig config = of("model.hidden_size=64", "model.num_heads=4");

        assertEquals(new DiTConfig(1, new ImageSize(28, 28), 4, 64, 6, 4, 4, 1, "none"), config.withClasses("none"));
    }

    @Test
    void outChannelsFollowTheImages() {
        ImageSize size = new ImageSize(32, 48);
        DiTConfig followed = DiTConfig.small().forImages(3, size);

        assertEquals(3, followed.imChannels());
        assertEquals(3, followed.outChannels());
        assertEquals(size, followed.imSize());
        assertEquals(8, followed.rows());
        assertEquals(12, followed.columns());
        assertEquals("10", followed.withClasses("10").classes());
        assertEquals(7, DiTConfig.small().forImages(1, new ImageSize(25, 28)).rows());
    }

    @Test
    void theParametersOfTheStandard() {
        try (DiT net = DiTConfig.small().create(Parameters.toLoad(Devices.cpu().backend()))) {
            assertEquals(4_165_456, net.parameters().count());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "patch_size=0 | model.patch_size: must be from 1 to the shorter side of model.im_size, 28, got 0",
                "patch_size=29 | model.patch_size: must be from 1 to the shorter side of model.im_size, 28, got 29",
                "hidden_size=190 | model.hidden_size: must be a multiple of 4 from 4 to 65536: a position becomes sines and cosines",
                "hidden_size=0 | model.hidden_size: must be a multiple of 4",
                "num_heads=5 | model.num_heads: heads=5 does not divide model.hidden_size=192; choose a divisor of 192, or make it a multiple of 5",
                "num_heads=0 | model.num_heads: must be at least 1, got 0",
                "depth=0 | model.depth: must be at least 1, got 0",
                "mlp_ratio=0 | model.mlp_ratio: must be such that times model.hidden_size=192 it is from 1 to 65536, got 0.0",
                "im_size=0 | model.im_size: sides must be from 1 to 4096 pixels, got 0x0",
                "out_channels=0 | model.out_channels: must be at least 1",
                "classes=few | model.classes: expected auto, none or a number of classes",
                "norm_groups=8 | model.norm_groups: unknown key",
                "hiden_size=8 | model.hiden_size: unknown key; did you mean model.hidden_size?"
            })
    void saysWhatIsWrong(String setting, String fragment) {
        var error = assertThrows(UserError.class, () -> of("model." + setting));

        assertEquals(UserError.USAGE, error.exitCode());
        assertTrue(error.getMessage().contains(fragment), error.getMessage());
    }

    /** Not a rule of the configuration: another device may well compute them. */
    @Test
    void headsThatTheDeviceDoesNotCompute() {
        DiTConfig wide = of("model.num_heads=1", "model.classes=none");
        UserError e = assertThrows(UserError.class, () -> wide.create(Parameters.toLoad(NarrowHeads.taking(100))));
        assertTrue(
                e.getMessage()
                        .contains(
                                "model.num_heads: each head of hidden_size=192 is 192 wide, the attention of cpu takes at"
                                        + " most 100; choose 2 heads, or --device cpu"),
                e.getMessage());
        wide.create(Parameters.toLoad(NarrowHeads.taking(192))).close();
    }
}
