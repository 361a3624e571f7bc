package ddpm.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import ddpm.engine.autograd.Gradients;
import ddpm.engine.io.HostTensor;
import ddpm.engine.nn.Parameter;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Tensor;
import ddpm.testing.Devices.Device;
import ddpm.testing.Golden;
import ddpm.testing.OnEachDevice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The default network against the reference's: names, output, loss, and the norm of every gradient. */
class UNetGoldenTest {
    private static final JsonNode FORMULA = Golden.json("unet_full_formula.json");

    @OnEachDevice
    void parametersAreTheReferences(Device device) {
        JsonNode want = Golden.json("unet_full_params.json");
        List<String> wanted = new ArrayList<>();
        want.get("parameters")
                .forEach(p ->
                        wanted.add(p.get("name").asText() + " " + p.get("shape").toString()));
        try (UNet net = new UNet(UNetConfig.of(want.get("config")), device.backend(), 0)) {
            List<String> got = net.parameters().toHost().entrySet().stream()
                    .map(e -> e.getKey() + " "
                            + Arrays.toString(e.getValue().shape()).replace(" ", ""))
                    .toList();
            assertEquals(wanted, got);
            assertEquals(want.get("num_parameters").asLong(), net.parameters().count());
        }
    }

    @OnEachDevice
    void outputLossAndGradients(Device device) {
        Map<String, HostTensor> io = Golden.tensors("unet_full_output.safetensors");
        try (UNet net = new UNet(UNetConfig.of(FORMULA.get("config")), device.backend(), 0);
                Scope scope = Scope.recording(device.backend())) {
            Map<String, HostTensor> weights = FormulaWeights.of(
                    net.parameters().list(), FORMULA.get("seed").asLong());
            assertSpotValues(weights);
            net.parameters().load(weights);
            Tensor y = net.forward(Golden.device(scope, io.get("x")), Golden.timesteps(scope, io.get("t")));
            float[] output = Golden.host(y);
            Golden.assertClose("output", io.get("output").toFloats(), output, 3e-5);
            double sum = 0;
            for (float v : output) {
                sum += v;
            }
            assertEquals(FORMULA.at("/output/sum").asDouble(), sum, 5e-3, "sum of the output");
            Tensor loss = y.mse(Golden.device(scope, io.get("target")));
            assertEquals(FORMULA.get("mse_loss_against_target").asDouble(), loss.item(), 2e-6, "loss");
            assertGradientNorms(net.parameters().list(), scope.tape().backward(loss));
        }
    }

    private static void assertSpotValues(Map<String, HostTensor> weights) {
        FORMULA.get("spot_values").properties().forEach(e -> {
            float[] got = weights.get(e.getKey()).toFloats();
            for (int i = 0; i < e.getValue().size(); i++) {
                assertEquals((float) e.getValue().get(i).asDouble(), got[i], e.getKey());
            }
        });
    }

    private static void assertGradientNorms(List<Parameter> parameters, Gradients gradients) {
        for (Parameter p : parameters) {
            double want = FORMULA.get("grad_l2").get(p.name()).asDouble();
            if (want >= 1e-7) {
                float[] g = gradients.of(p.value()).toFloats();
                double got = Golden.rms(g) * Math.sqrt(g.length);
                assertEquals(want, got, 1e-3 * want, "norm of the gradient of " + p.name());
            }
        }
    }
}
