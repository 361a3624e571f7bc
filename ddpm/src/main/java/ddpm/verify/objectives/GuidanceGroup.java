package ddpm.verify.objectives;

import ddpm.diffusion.Guidance;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.verify.report.Allowance;
import ddpm.verify.report.Difference;
import ddpm.verify.vectors.Facts;
import java.util.Arrays;
import java.util.List;

/** {@code guidance/}: outputs with and without a condition, combined. */
final class GuidanceGroup implements Objectives.Group {
    @Override
    public void check(Objectives o, String at) {
        HostTensor cond = o.file().get(at + "cond", 4);
        float[] uncond = o.host(at + "uncond").toFloats();
        int images = Math.toIntExact(cond.shape()[0]);
        List<Facts> pairs = o.facts().list("guidance");
        for (int j = 0; j < pairs.size(); j++) {
            Facts f = pairs.get(j).only("scale", "rescale");
            float[] got =
                    guided(o, new Guidance(f.number("scale"), f.number("rescale")), cond.toFloats(), uncond, images);
            o.expected().compare(at + "out_" + j, cond.shape(), Difference.widen(got), Allowance.IMAGES);
        }
    }

    /** On the device; where a value lies in its image does not matter, so the file's layout is as good as the engine's. */
    private static float[] guided(Objectives o, Guidance guidance, float[] cond, float[] uncond, int images) {
        float[] both = Arrays.copyOf(cond, 2 * cond.length);
        System.arraycopy(uncond, 0, both, cond.length, uncond.length);
        try (Scope scope = Scope.on(o.backend())) {
            Tensor f = scope.tensor(Shape.of(2L * images, 1, cond.length / images, 1), both);
            return guidance.of(f, 1).toFloats();
        }
    }
}
