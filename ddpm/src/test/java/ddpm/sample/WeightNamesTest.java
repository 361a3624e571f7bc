package ddpm.sample;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.UserError;
import ddpm.engine.tensor.HostTensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WeightNamesTest {
    private static final List<String> WANTED = List.of("conv_in.weight", "conv_in.bias", "downs.0.bias");

    /** Each with a value of its own. */
    private static Map<String, HostTensor> state(String... names) {
        Map<String, HostTensor> state = new LinkedHashMap<>();
        for (String name : names) {
            state.put(name, HostTensor.f32(new long[] {1}, new float[] {state.size()}));
        }
        return state;
    }

    private static WeightNames of(boolean ema, String... names) {
        return WeightNames.of(state(names), WANTED, ema);
    }

    @Test
    void theModelsOwnNamesStay() {
        Map<String, HostTensor> own = state("conv_in.weight", "conv_in.bias", "downs.0.bias", "more");
        WeightNames names = WeightNames.of(own, WANTED, true);
        assertEquals("", names.note());
        assertSame(own, names.tensors(), "what is surplus is told by who loads them");
    }

    @ParameterizedTest
    @CsvSource({
        "module.,                       module.",
        "_orig_mod.,                    _orig_mod.",
        "model.,                        model.",
        "ema_model.,                    ema_model.",
        "ema_model.module._orig_mod.,   _orig_mod. and ema_model. and module.",
        "state.dict.net.,               state.dict.net."
    })
    void takesOffWhatIsAroundTheModel(String prefix, String said) {
        WeightNames names = of(true, prefix + "conv_in.weight", prefix + "conv_in.bias", prefix + "downs.0.bias");
        assertEquals(WANTED, List.copyOf(names.tensors().keySet()));
        assertEquals(2, names.tensors().get("downs.0.bias").toFloats()[0]);
        assertEquals("took '" + said.replace(" and ", "' and '") + "' off the names of the weights", names.note());
    }

    /** torch.compile of a part of a model. */
    @Test
    void alsoInTheMiddle() {
        WeightNames names = of(true, "conv_in.weight", "conv_in.bias", "downs.0._orig_mod.bias");
        assertEquals(WANTED, List.copyOf(names.tensors().keySet()));
        assertEquals("took '_orig_mod.' off the names of the weights", names.note());
    }

    /** What ema-pytorch saves: the model, its average, and counters. */
    @Test
    void ofAModelAndItsAverageTheOneThatIsAskedFor() {
        String[] both = {
            "step",
            "online_model.conv_in.weight",
            "online_model.conv_in.bias",
            "online_model.downs.0.bias",
            "ema_model.conv_in.weight",
            "ema_model.conv_in.bias",
            "ema_model.downs.0.bias"
        };
        assertEquals(4, of(true, both).tensors().get("conv_in.weight").toFloats()[0]);
        assertEquals(1, of(false, both).tensors().get("conv_in.weight").toFloats()[0]);
        assertEquals(
                "took 'ema_model.' off the names of the weights, left out 4 others",
                of(true, both).note());
    }

    @Test
    void twoModelsAreNotGuessedBetween() {
        UserError e = assertThrows(
                UserError.class,
                () -> of(
                        true,
                        "a.conv_in.weight",
                        "a.conv_in.bias",
                        "a.downs.0.bias",
                        "b.conv_in.weight",
                        "b.conv_in.bias",
                        "b.downs.0.bias"));
        assertTrue(e.getMessage().contains("2 times, under 'a.', 'b.'"), e.getMessage());
    }

    /** What is missing and what is surplus is then told under the file's own names. */
    @Test
    void ofAnotherModelNothingIsTakenOff() {
        assertEquals("", of(true, "module.unet.weight", "module.conv_in.bias").note());
    }

    @Test
    void ofAModelThatDiffersALittleTheRestIsNamedPlainly() {
        WeightNames names = of(true, "module.conv_in.weight", "module.conv_in.bias", "module.other");
        assertEquals(
                List.of("conv_in.weight", "conv_in.bias"),
                List.copyOf(names.tensors().keySet()));
    }
}
