package ddpm.verify.objectives;

import ddpm.diffusion.Guidance;
import ddpm.engine.tensor.HostTensor;
import ddpm.verify.report.Allowance;
import ddpm.verify.report.Difference;
import ddpm.verify.vectors.Facts;
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
            float[] got = new Guidance(f.number("scale"), f.number("rescale")).of(cond.toFloats(), uncond, images);
            o.expected().compare(at + "out_" + j, cond.shape(), Difference.widen(got), Allowance.IMAGES);
        }
    }
}
