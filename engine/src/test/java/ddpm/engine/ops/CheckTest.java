package ddpm.engine.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.Hw;
import ddpm.engine.backend.LabelOps.Guide;
import ddpm.engine.backend.LabelOps.LabelDraw;
import ddpm.engine.backend.LayoutOps.Padding;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.random.Stream;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.Guarded;
import ddpm.engine.testing.OnEachDevice;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** Every message names the operation, the values that disagree and what to do; nothing is computed. */
class CheckTest {
    private record Mistake(Supplier<Tensor> call, List<String> parts) {}

    private static Mistake mistake(Supplier<Tensor> call, String... parts) {
        return new Mistake(call, List.of(parts));
    }

    @OnEachDevice
    void mistakes(Device device) {
        try (Scope s = Scope.recording(device.backend())) {
            Tensor image = s.zeros(Shape.of(2, 5, 6, 48));
            Tensor rows = s.zeros(Shape.of(7, 24));
            Tensor scalar = s.zeros(Shape.of());
            Tensor bytes = s.tensor(Shape.of(2), new byte[2]);
            Tensor c48 = s.zeros(Shape.of(48));
            Tensor c47 = s.zeros(Shape.of(47));
            Tensor w = s.zeros(Shape.of(8, 3, 3, 47));
            Tensor b = s.zeros(Shape.of(8));
            for (Mistake m : List.of(
                    mistake(() -> image.add(rows), "add: ", "[N=2,H=5,W=6,C=48]", "[7,24]", "pad, crop or slice"),
                    mistake(() -> image.addInPlace(rows), "add: ", "[N=2,H=5,W=6,C=48]", "[7,24]"),
                    mistake(() -> image.mse(rows), "mse: ", "[N=2,H=5,W=6,C=48]", "[7,24]"),
                    mistake(
                            () -> image.mse(image, s.zeros(Shape.of(3)), s.zeros(Shape.of(2))),
                            "mse: ",
                            "weight must be [2]",
                            "got [3]"),
                    mistake(
                            () -> image.mse(image, s.zeros(Shape.of(2)), s.zeros(Shape.of(1))),
                            "mse: ",
                            "perImage must be [2]",
                            "got [1]"),
                    mistake(() -> image.add(bytes), "add: ", "F32", "U8 [2]"),
                    mistake(
                            () -> image.conv2d(w, b, 1, 1),
                            "conv2d: ",
                            "x=[N=2,H=5,W=6,C=48]",
                            "w must be [8,3,3,48]",
                            "got [8,3,3,47]",
                            "change one"),
                    mistake(
                            () -> image.conv2d(s.zeros(Shape.of(8, 3, 3, 48)), c47, 1, 1),
                            "conv2d: ",
                            "b must be [8]",
                            "got [47]"),
                    mistake(() -> rows.conv2d(w, b, 1, 1), "conv2d: ", "[N,H,W,C]", "[7,24]"),
                    mistake(
                            () -> image.conv2d(s.zeros(Shape.of(8, 9, 3, 48)), b, 1, 1),
                            "conv2d: ",
                            "kernel 9x3",
                            "[N=2,H=5,W=6,C=48]",
                            "more padding"),
                    mistake(() -> image.conv2d(w, b, 0, 1), "conv2d: ", "stride >= 1", "stride 0x0"),
                    mistake(() -> image.conv2d(w, b, new Hw(1, 1), new Hw(0, -1)), "conv2d: ", "padding 0x-1"),
                    mistake(
                            () -> image.convTranspose2d(s.zeros(Shape.of(47, 4, 4, 8)), b, 2, 1),
                            "convTranspose2d: ",
                            "w must be [48,4,4,8]",
                            "got [47,4,4,8]"),
                    mistake(
                            () -> s.zeros(Shape.of(1, 1, 1, 48))
                                    .convTranspose2d(s.zeros(Shape.of(48, 2, 2, 8)), b, 1, 1),
                            "convTranspose2d: ",
                            "padding 1x1",
                            "[N=1,H=1,W=1,C=48]",
                            "less padding"),
                    mistake(() -> image.convTranspose2d(w, b, -1, 0), "convTranspose2d: ", "stride -1x-1"),
                    mistake(
                            () -> rows.linear(s.zeros(Shape.of(5, 23)), s.zeros(Shape.of(5))),
                            "linear: ",
                            "x=[7,24]",
                            "w must be [5,24]",
                            "got [5,23]"),
                    mistake(() -> rows.linear(s.zeros(Shape.of(5, 24)), b), "linear: ", "b must be [5]", "got [8]"),
                    mistake(() -> scalar.linear(rows, b), "linear: ", "scalar"),
                    mistake(() -> rows.linear(scalar, b), "linear: ", "scalar"),
                    mistake(() -> rows.matmul(rows), "matmul: ", "[M,K] and [K,N]", "[7,24]", "inner extents"),
                    mistake(() -> rows.matmul(image), "matmul: ", "[7,24]", "[N=2,H=5,W=6,C=48]"),
                    mistake(
                            () -> s.zeros(Shape.of(2, 3, 4)).matmul(s.zeros(Shape.of(3, 4, 5))),
                            "matmul: batches differ",
                            "[2,3,4] and [3,4,5]"),
                    mistake(() -> scalar.softmax(), "softmax: ", "scalar"),
                    mistake(() -> c48.transpose(), "transpose: ", "[..,M,N]", "[48]"),
                    mistake(
                            () -> image.groupNorm(c48, c48, 32, 1e-5f),
                            "groupNorm: groups=32 does not divide C=48, x=[N=2,H=5,W=6,C=48]; choose 16 or 24"),
                    mistake(() -> image.groupNorm(c48, c48, 0, 1e-5f), "groupNorm: groups=0", "choose 1 or 2"),
                    mistake(
                            () -> image.groupNormSilu(c47, c48, 8, 1e-5f),
                            "groupNormSilu: ",
                            "gamma must be [48]",
                            "[47]"),
                    mistake(() -> image.groupNorm(c48, c47, 8, 1e-5f), "groupNorm: ", "beta must be [48]", "[47]"),
                    mistake(() -> rows.groupNorm(c48, c48, 8, 1e-5f), "groupNorm: ", "[N,H,W,C]", "[7,24]"),
                    mistake(() -> image.attention(5), "attention: heads=5 does not divide C=16", "choose 2 or 4"),
                    mistake(() -> rows.attention(2), "attention: ", "[N,T,3C]", "[7,24]", "project"),
                    mistake(() -> s.zeros(Shape.of(2, 4, 16)).attention(2), "attention: ", "[2,4,16]"),
                    mistake(
                            () -> image.addPerImage(s.zeros(Shape.of(3, 48))),
                            "addPerImage: ",
                            "x=[N=2,H=5,W=6,C=48]",
                            "b must be [2,48]",
                            "got [3,48]"),
                    mistake(
                            () -> image.concatChannels(s.zeros(Shape.of(2, 5, 5, 48))),
                            "concatChannels: ",
                            "[N=2,H=5,W=6,C=48]",
                            "[N=2,H=5,W=5,C=48]",
                            "pad or crop"),
                    mistake(() -> scalar.concatChannels(image), "concatChannels: ", "scalar"),
                    mistake(() -> image.concatChannels(scalar), "concatChannels: ", "scalar"),
                    mistake(() -> image.sliceChannels(8, 49), "sliceChannels: ", "to <= 48", "C=48", "from=8, to=49"),
                    mistake(() -> image.slice(1, -1, 3), "slice: ", "to <= 5, extent 1", "from=-1, to=3"),
                    mistake(() -> image.slice(4, 0, 1), "slice: axis=4", "the 4 of [N=2,H=5,W=6,C=48]"),
                    mistake(() -> scalar.slice(-1, 0, 1), "slice: axis=-1", "the 0 of []"),
                    mistake(() -> image.sliceChannels(8, 8), "sliceChannels: ", "from=8, to=8"),
                    mistake(() -> image.pad(new Padding(0, -1, 0, 0)), "pad: ", "at least 0"),
                    mistake(
                            () -> image.crop(new Padding(2, 3, 0, 0)),
                            "crop: ",
                            "leaves nothing",
                            "[N=2,H=5,W=6,C=48]"),
                    mistake(() -> rows.crop(new Padding(0, 0, 0, 0)), "crop: ", "[N,H,W,C]"),
                    mistake(() -> rows.timestepEmbedding(8), "timestepEmbedding: ", "F32 [N]", "F32 [7,24]"),
                    mistake(
                            () -> s.tensor(Shape.of(3), new int[3]).timestepEmbedding(8),
                            "timestepEmbedding: ",
                            "F32 [N]",
                            "I32 [3]"),
                    mistake(
                            () -> s.zeros(Shape.of(3)).timestepEmbedding(2, 1, false),
                            "timestepEmbedding: ",
                            "dim/2=1",
                            "got 1.0"),
                    mistake(
                            () -> image.modulate(s.zeros(Shape.of(2, 48))),
                            "modulate: ",
                            "x=[N=2,H=5,W=6,C=48]",
                            "e must be [2,96]",
                            "got [2,48]"),
                    mistake(() -> rows.modulate(rows), "modulate: ", "[N,H,W,C]", "[7,24]"),
                    mistake(
                            () -> image.addGated(image, s.zeros(Shape.of(2, 96))),
                            "addGated: ",
                            "x=[N=2,H=5,W=6,C=48]",
                            "gate must be [2,48]",
                            "got [2,96]"),
                    mistake(() -> rows.layerNorm(c48, c48, 1e-5f), "layerNorm: ", "gamma must be [24]", "got [48]"),
                    mistake(() -> scalar.layerNorm(1e-5f), "layerNorm: ", "scalar"),
                    mistake(() -> image.depthToSpace(5), "depthToSpace: ", "multiple of 25", "C=48"),
                    mistake(() -> rows.upsample(), "upsample: ", "[N,H,W,C]", "[7,24]"),
                    mistake(() -> rows.maxPool2d(2, 2), "maxPool2d: ", "[N,H,W,C]", "[7,24]"),
                    mistake(
                            () -> image.maxPool2d(6, 1),
                            "maxPool2d: ",
                            "window 6x6",
                            "[N=2,H=5,W=6,C=48]",
                            "choose 1x1 to 5x6"),
                    mistake(() -> image.avgPool2d(0, 1), "avgPool2d: ", "window 0x0", "choose 1x1 to 5x6"),
                    mistake(() -> image.avgPool2d(2, 0), "avgPool2d: ", "stride >= 1", "stride 0x0"),
                    mistake(
                            () -> s.zeros(Shape.of(1, 17, 17, 1)).maxPool2d(17, 1),
                            "maxPool2d: ",
                            "window 17x17",
                            "256 pixels",
                            "16x16"),
                    mistake(() -> rows.meanPixels(), "meanPixels: ", "[N,H,W,C]", "[7,24]"),
                    mistake(() -> rows.stack(rows, c48), "stack: ", "[7,24]", "[48]"),
                    mistake(() -> rows.stack(image, rows), "stack: ", "[7,24]", "[N=2,H=5,W=6,C=48]"),
                    mistake(() -> scalar.stack(scalar, scalar), "stack: ", "scalar"),
                    mistake(() -> rows.embedding(rows), "embedding: ", "I32 [N]", "F32 [7,24]", "-1 is no label"),
                    mistake(
                            () -> s.tensor(Shape.of(3), new int[3]).embedding(image),
                            "embedding: ",
                            "[classes,dim]",
                            "[N=2,H=5,W=6,C=48]"),
                    mistake(
                            () -> Guidance.of(new Guide(new Nhwc(2, 5, 6, 48), 48, 2, 0), image),
                            "guidance: ",
                            "[N=2,H=5,W=6,C=48]"),
                    mistake(
                            () -> Guidance.of(new Guide(new Nhwc(1, 5, 6, 48), 49, 2, 0), image),
                            "guidance: ",
                            "channels=49",
                            "C=48"),
                    mistake(
                            () -> DrawLabels.apply(
                                    new LabelDraw(2, 3, 0, 1.5, new Stream(7)),
                                    s.tensor(Shape.of(4), new int[4]),
                                    s.tensor(Shape.of(3), new int[3])),
                            "drawLabels: ",
                            "dropout=1.5",
                            "0 to 1"),
                    mistake(
                            () -> DrawLabels.apply(
                                    new LabelDraw(2, 4, 0, 0.1, new Stream(7)),
                                    s.tensor(Shape.of(4), new int[4]),
                                    s.tensor(Shape.of(3), new int[3])),
                            "drawLabels: ",
                            "I32 [4]",
                            "I32 [3]"),
                    mistake(() -> s.zeros(Shape.of(3)).timestepEmbedding(7), "timestepEmbedding: ", "even", "7"))) {
                long used = s.liveBytes();
                TensorException e =
                        assertThrows(TensorException.class, () -> m.call().get(), m.parts()::toString);
                m.parts()
                        .forEach(part ->
                                assertTrue(e.getMessage().contains(part), () -> part + " in: " + e.getMessage()));
                assertTrue(s.liveBytes() - used < 1 << 20, "the result of a refused call was allocated");
            }
        }
    }

    /** Two backends of the same name are still two. */
    @OnEachDevice
    void twoBackends(Device device) {
        try (Scope here = Scope.on(device.backend());
                Scope there = Scope.on(new Guarded(device.backend()))) {
            Tensor a = here.zeros(Shape.of(3));
            Tensor b = there.zeros(Shape.of(3));
            TensorException e = assertThrows(TensorException.class, () -> a.add(b));
            assertTrue(
                    e.getMessage()
                            .startsWith(String.format(
                                    Locale.ROOT,
                                    "add: operands on two backends, [3] on %1$s and [3] on %1$s; move one",
                                    device.backend().name())),
                    e::getMessage);
            e = assertThrows(TensorException.class, () -> b.in(here));
            assertTrue(e.getMessage().contains("copy it with toFloats"), e::getMessage);
            assertEquals(0f, a.toFloats()[0]);
        }
    }
}
