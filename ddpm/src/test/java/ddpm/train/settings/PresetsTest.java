package ddpm.train.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import ddpm.UserError;
import ddpm.diffusion.schedule.ScheduleConfig;
import ddpm.model.unet.UNetConfig;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PresetsTest {
    static List<String> names() {
        return Presets.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyPresetIsValidAndComplete(String name) {
        RunConfig config = new ConfigLoader(name).load();

        assertEquals(name, config.preset());
        assertEquals(keys(config.tree(), ""), keys(Presets.tree(name), ""));
        assertFalse(Presets.summary(name).isBlank());
        assertTrue(Presets.yaml(name).startsWith("# " + name + ": "));
    }

    @Test
    void mnistIsTheReference() {
        RunConfig config = new ConfigLoader("mnist").load();

        assertEquals(UNetConfig.reference(), config.model());
        assertEquals(ScheduleConfig.reference(), config.diffusion());
        assertEquals(SampleConfig.standard(), config.sample());
        assertEquals(40, config.train().epochs());
        assertEquals(64, config.train().batch());
        assertEquals(1e-4, config.train().lr());
        assertEquals(40 * 938, config.train().totalSteps(60_000));
    }

    @Test
    void anUnknownNameIsNotTakenForAFile() {
        var error = assertThrows(UserError.class, () -> Presets.yaml("../presets/quick"));

        assertTrue(
                error.getMessage().contains("known are quick, mnist, textures, cifar, cifar10, dit-tiny and dit-s"),
                error.getMessage());
    }

    private static List<String> keys(JsonNode tree, String section) {
        List<String> keys = new ArrayList<>();
        tree.properties().forEach(e -> {
            keys.add(section + e.getKey());
            if (e.getValue().isObject()) {
                keys.addAll(keys(e.getValue(), section + e.getKey() + "."));
            }
        });
        return keys;
    }
}
