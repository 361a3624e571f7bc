package ddpm.engine.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ddpm.engine.backend.DiffusionOps.BatchNumbers;
import ddpm.engine.backend.OptimizerOps.AdamStep;
import ddpm.engine.backend.OptimizerOps.UpdateNumbers;
import ddpm.engine.backend.ReverseStep.Clipping;
import ddpm.engine.backend.ReverseStep.Numbers;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.Devices;
import ddpm.engine.testing.NoiseTable;
import ddpm.engine.testing.OnEachDevice;
import java.util.Arrays;
import java.util.List;

/**
 * Bits that runs of earlier versions have in their files: a step that is computed another way must give them still. Of each
 * result four words are compared, first, last and two between, and a hash of all.
 */
class KnownBitsTest {
    private static void same(String what, Tensor t, int... want) {
        int[] words = SameBits.of(t);
        for (int i = 0; i < 4; i++) {
            int at = i * (words.length - 1) / 3;
            assertEquals(Integer.toHexString(want[i]), Integer.toHexString(words[at]), what + "[" + at + "]");
        }
        assertEquals(Integer.toHexString(want[4]), Integer.toHexString(Arrays.hashCode(words)), "hash of " + what);
    }

    private static float[] values(int count, int which) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = ((i * 7 + which * 13) % 101 - 50) / 32f;
        }
        return values;
    }

    private static Tensor words(Scope scope, int... words) {
        return scope.tensor(Shape.of(words.length), words);
    }

    @OnEachDevice
    void aBatchWhoseTargetIsItsNoise(Device device) {
        try (Scope scope = Scope.on(device.backend())) {
            List<Tensor> got = batch(scope, false);
            same("x_t", got.get(0), 0x3E397E2C, 0xC017FB57, 0xBF3766C1, 0x3F798337, 0xAC21009E);
            same("eps", got.get(1), 0x3F088975, 0xC01B7891, 0xBF415F6D, 0x40121E7C, 0x1BEBF1F6);
            same("row", got.get(2), 392, 705, 543, 62, 0x00CAE179);
            got = batch(scope, true);
            same("x_t", got.get(0), 0xBEE34322, 0xC0001940, 0xBF3CCD57, 0x401395DF, 0x28DAA943);
            same("eps", got.get(1), 0x3F088975, 0xC01B7891, 0xBF415F6D, 0x40121E7C, 0x1BEBF1F6);
            same("row", got.get(2), 98, 426, 635, 765, 0x004132EB);
        }
    }

    private static List<Tensor> batch(Scope scope, boolean stratified) {
        Nhwc x = new Nhwc(4, 5, 6, 3);
        byte[] pixels = new byte[9 * 5 * 6 * 3];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (i * 37);
        }
        Tensor xt = scope.empty(Shape.of(x));
        Tensor target = scope.empty(Shape.of(x));
        Tensor row = scope.allocate(Shape.of(4), DType.I32, false);
        scope.backend()
                .diffusion()
                .noiseAdd(
                        new NoiseAdd(
                                x,
                                9,
                                0x5EEDL << 33 | 7,
                                true,
                                stratified,
                                1000,
                                4,
                                NoiseTable.NOISE,
                                NoiseTable.TIMES,
                                NoiseTable.FLIPS),
                        words(scope, new BatchNumbers(3, 5, 77, 0).toWords()).buffer(),
                        scope.tensor(Shape.of(9, 5, 6, 3), pixels).buffer(),
                        scope.tensor(Shape.of(1000, NoiseAdd.COLUMNS), NoiseTable.linear(1000))
                                .buffer(),
                        xt.buffer(),
                        target.buffer(),
                        scope.empty(Shape.of(4)).buffer(),
                        scope.empty(Shape.of(4)).buffer(),
                        row.buffer());
        return List.of(xt, target, row);
    }

    @OnEachDevice
    void aStepWithoutSlots(Device device) {
        Nhwc g = new Nhwc(3, 5, 6, 3);
        float[] table = NoiseTable.linear(1000);
        float signal = table[500 * NoiseAdd.COLUMNS + NoiseAdd.SIGNAL];
        float noise = table[500 * NoiseAdd.COLUMNS + NoiseAdd.NOISE];
        try (Scope scope = Scope.on(device.backend())) {
            for (boolean clip : new boolean[] {false, true}) {
                Numbers numbers = new Numbers()
                        .key(500)
                        .firstImage(1000)
                        .estimate(1 / signal, -(noise / signal))
                        .next(0.03f, 0.97f, -0.01f)
                        .noise(clip ? 0.09f : 0);
                Tensor next = scope.empty(Shape.of(g));
                Tensor x0 = scope.empty(Shape.of(g));
                Clipping clipping = clip ? Clipping.CLIP : Clipping.NONE;
                scope.backend()
                        .diffusion()
                        .reverse(
                                new ReverseStep(g, 11, NoiseTable.REVERSE, 0, clipping, true, false),
                                words(scope, numbers.toWords()).buffer(),
                                scope.tensor(Shape.of(g), values(270, 1)).buffer(),
                                scope.tensor(Shape.of(g), values(270, 2)).buffer(),
                                null,
                                null,
                                next.buffer(),
                                x0.buffer());
                if (clip) {
                    same("next", next, 0xBF9050B3, 0xBF0E682D, 0x3D9D2FCA, 0x3F2F95AB, 0x12B3DD45);
                    same("x0", x0, 0xBF800000, 0xBF800000, 0xBF800000, 0xBF800000, 0x30914A41);
                } else {
                    same("next", next, 0xBF949A4E, 0xBF2610A6, 0x3D9898A6, 0x3F4C36CE, 0x1DB84C31);
                    same("x0", x0, 0xBFC8179C, 0xBFBE6ABE, 0xBFB0C1FC, 0xBFA3193A, 0x7EF20583);
                }
            }
        }
    }

    /** As one image without weights, and its gradient also as one with a weight of one. */
    @OnEachDevice
    void aLossWithoutWeights(Device device) {
        int n = 5003;
        try (Scope scope = Scope.on(device.backend())) {
            Buffer pred = scope.tensor(Shape.of(n), values(n, 3)).buffer();
            Buffer target = scope.tensor(Shape.of(n), values(n, 4)).buffer();
            Tensor loss = scope.empty(Shape.of(1));
            LossOps ops = scope.backend().loss();
            ops.mse(1, n, pred, target, null, null, loss.buffer());
            assertEquals("3f8f32d9", Integer.toHexString(SameBits.of(loss)[0]));
            Tensor one = scope.tensor(Shape.of(1), new float[] {1});
            Buffer dloss = scope.tensor(Shape.of(1), new float[] {0.7f}).buffer();
            for (Buffer weight : new Buffer[] {null, one.buffer()}) {
                Tensor dpred = scope.empty(Shape.of(n));
                ops.mseBackward(1, n, pred, target, weight, dloss, dpred.buffer());
                same("dpred", dpred, 0xB8EE6873, 0x3A49BAD7, 0xB8EE6873, 0xB8EE6873, 0x736BD356);
            }
        }
    }

    @OnEachDevice
    void anUpdate(Device device) {
        try (Scope scope = Scope.on(device.backend())) {
            Tensor p = scope.tensor(Shape.of(70), values(70, 5));
            Tensor grad = scope.tensor(Shape.of(70), values(70, 6));
            Tensor m = scope.tensor(Shape.of(70), values(70, 7));
            Tensor v = scope.zeros(Shape.of(70));
            Tensor average = scope.tensor(Shape.of(70), values(70, 8));
            Buffer numbers = words(scope, new UpdateNumbers(3, 0.999f, 1.7e-3f, 1.3f, 0, 0.01f).toWords())
                    .buffer();
            Buffer state =
                    scope.tensor(Shape.of(4), new float[] {2, 0.43f, 1, 0}).buffer();
            OptimizerOps ops = scope.backend().optimizer();
            var slot = new OptimizerOps.Slot(70, p.buffer(), grad.buffer(), m.buffer(), v.buffer());
            ops.adam(new AdamStep(0.9, 0.999, 1e-8, 0.02, true), numbers, state, List.of(slot));
            same("p", p, 0x3EAE5442, 0xBF4EBBBE, 0x3F90AF50, 0xBF033072, 0xE63BD489);
            same("m", m, 0x3F98892F, 0xBC9C6717, 0xBF8B3E88, 0x3F0AC08B, 0xDC6FD901);
            same("v", v, 0x391BEC32, 0x3818E2E2, 0x39DF6B11, 0x36C31C26, 0x45920AFA);
            ops.ema(1, numbers, state, List.of(70L), List.of(p.buffer()), List.of(average.buffer()));
            same("average", average, 0xBFB9AF26, 0x3EC9C90C, 0xBF5ADDC6, 0x3F7C20CC, 0xE4512C11);
        }
    }

    /** On the CPU: a GPU has a sine of its own. */
    @OnEachDevice
    void embeddingsOfWholeNumbers(Device device) {
        if (device == Devices.cpu()) {
            try (Scope scope = Scope.on(device.backend())) {
                Tensor y = scope.tensor(Shape.of(5), new float[] {0, 1, 17, 500, 999})
                        .timestepEmbedding(6);
                same("embedding", y, 0x00000000, 0x3F0A5140, 0xBF702055, 0xBF0C9C9B, 0x9721942F);
            }
        }
    }
}
