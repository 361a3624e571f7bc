package ddpm.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import ddpm.diffusion.DdpmSampler;
import ddpm.diffusion.NoiseSchedule;
import ddpm.diffusion.ScheduleConfig;
import ddpm.engine.autograd.Gradients;
import ddpm.engine.backend.Backend;
import ddpm.engine.io.HostTensor;
import ddpm.engine.nn.Parameter;
import ddpm.engine.optim.Adam;
import ddpm.engine.optim.AdamConfig;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.testing.Devices.Device;
import ddpm.testing.Golden;
import ddpm.testing.OnEachDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;

/** A small network with stored weights against the reference: every gradient, ten Adam steps. Needs -Dgolden=FOLDER. */
class UNetSmallGoldenTest {
    private Path folder;
    private Map<String, HostTensor> io;
    private Map<String, HostTensor> weights;

    @BeforeEach
    void find() {
        String name = System.getProperty("golden", "");
        Assumptions.assumeTrue(!name.isEmpty(), "-Dgolden= names no folder with unet_small_*.safetensors");
        folder = Path.of(name);
        io = read("io");
        weights = read("weights");
    }

    private Map<String, HostTensor> read(String what) {
        return Golden.tensors(folder.resolve("unet_small_" + what + ".safetensors"));
    }

    private UNet net(Backend backend) {
        try {
            var config = new ObjectMapper().readTree(Files.readString(folder.resolve("unet_small_config.json")));
            UNet net = new UNet(UNetConfig.of(config), backend, 0);
            net.parameters().load(weights);
            return net;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @OnEachDevice
    void outputAndGradients(Device device) {
        Map<String, HostTensor> wanted = read("grads");
        try (UNet net = net(device.backend());
                Scope scope = Scope.recording(device.backend())) {
            Tensor x = Golden.leaf(scope, io.get("x"));
            Tensor y = net.forward(x, Golden.timesteps(scope, io.get("t")));
            Golden.assertClose("output", io.get("output").toFloats(), Golden.host(y), 2e-5);
            Tensor loss = y.mse(Golden.device(scope, io.get("target")));
            assertEquals(io.get("loss").toFloats()[0], loss.item(), 2e-6, "loss");
            Gradients gradients = scope.tape().backward(loss);
            check("dx", io.get("dx").toFloats(), Golden.host(gradients.of(x)));
            double off = 0;
            double all = 0;
            for (Parameter p : net.parameters().list()) {
                float[] want = wanted.get(p.name()).toFloats();
                float[] got = Golden.host(gradients.of(p.value()));
                check("gradient of " + p.name(), want, got);
                off += squares(want, got);
                all += squares(want, new float[want.length]);
            }
            assertTrue(Math.sqrt(off / all) <= 2e-5, "relative L2 of all gradients " + Math.sqrt(off / all));
            System.out.println("unet_small gradients: relative L2 " + Math.sqrt(off / all));
        }
    }

    private static void check(String what, float[] want, float[] got) {
        Golden.assertClose(what, want, got, 5e-4 * Golden.rms(want) + 1e-8);
    }

    @OnEachDevice
    void tenAdamSteps(Device device) {
        double[] losses = io.get("losses").toDoubles();
        try (UNet net = net(device.backend());
                Adam adam = new Adam(net.parameters(), AdamConfig.adam())) {
            for (int step = 1; step <= 10; step++) {
                try (Scope scope = Scope.recording(device.backend())) {
                    Tensor y = net.forward(Golden.device(scope, io.get("x")), Golden.timesteps(scope, io.get("t")));
                    Tensor loss = y.mse(Golden.device(scope, io.get("target")));
                    assertEquals(losses[step - 1], loss.item(), 5e-6, "loss before step " + step);
                    adam.step(scope.tape().backward(loss), 1e-4, 1);
                }
                if (step == 1 || step == 2 || step == 10) {
                    checkUpdate(step, net.parameters().toHost(), read("adam" + step), step == 10 ? 2e-3 : 2e-4 * step);
                }
            }
        }
    }

    private void checkUpdate(int step, Map<String, HostTensor> got, Map<String, HostTensor> want, double most) {
        double off = 0;
        double all = 0;
        long far = 0;
        long count = 0;
        double worst = 0;
        for (String name : want.keySet()) {
            float[] w = want.get(name).toFloats();
            float[] g = got.get(name).toFloats();
            off += squares(w, g);
            all += squares(w, weights.get(name).toFloats());
            for (int i = 0; i < w.length; i++) {
                double d = Math.abs((double) w[i] - g[i]);
                worst = Math.max(worst, d);
                far += d > 1e-6 ? 1 : 0;
                count++;
            }
        }
        String what = "after " + step + " Adam steps: relative L2 of the update " + Math.sqrt(off / all)
                + ", share over 1e-6 " + (double) far / count + ", max " + worst;
        System.out.println("unet_small " + what);
        assertTrue(Math.sqrt(off / all) <= 5e-3 && far < 5e-3 * count && worst <= most, what);
    }

    private static double squares(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += ((double) a[i] - b[i]) * ((double) a[i] - b[i]);
        }
        return sum;
    }

    /** The last ten sampling steps with the recorded noise: the model in the formula of the DDPM mean. */
    @OnEachDevice
    void samplingChain(Device device) {
        float[] z = io.get("chain/z").toFloats();
        float[] want = io.get("chain/x").toFloats();
        int[] shape = Arrays.stream(io.get("chain/x").shape())
                .mapToInt(Math::toIntExact)
                .toArray();
        int size = want.length / shape[0];
        long[] image = {shape[1], shape[2], shape[3], shape[4]};
        var sampler = new DdpmSampler(new NoiseSchedule(ScheduleConfig.reference()), false);
        float[] x = Arrays.copyOf(want, size);
        try (UNet net = net(device.backend())) {
            for (int j = 0; j < shape[0] - 1; j++) {
                int t = shape[0] - 2 - j;
                var u = sampler.update(999 - t);
                try (Scope scope = Scope.on(device.backend())) {
                    int[] ts = new int[shape[1]];
                    Arrays.fill(ts, t);
                    Tensor eps = net.predict(
                            Golden.device(scope, HostTensor.f32(image, x)), scope.tensor(Shape.of(shape[1]), ts));
                    float[] e = Golden.host(eps);
                    for (int i = 0; i < size; i++) {
                        x[i] = (float) (u.fromX() * x[i] + u.fromEps() * e[i] + u.sigma() * z[t * size + i]);
                    }
                }
                Golden.assertClose("x after t=" + t, Arrays.copyOfRange(want, (j + 1) * size, (j + 2) * size), x, 2e-5);
            }
        }
    }
}
