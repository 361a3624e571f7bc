package ddpm.diffusion.edit;

import ddpm.diffusion.reverse.Edit;
import ddpm.diffusion.reverse.ReverseProcess;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;

/**
 * Image i of {@code count} begins i / (count - 1) of the way between the noise of two seeds, on the arc between them: a straight
 * line would pass through noise that is too small. Song et al. 2020, appendix D.5, equation 67:
 *
 * <pre>
 * x_T = sin((1 - u) theta) / sin(theta) z_a + sin(u theta) / sin(theta) z_b,   cos(theta) = z_a z_b / (|z_a| |z_b|)
 * </pre>
 *
 * @param from seed of the first image; it is image 0 of that seed
 * @param to seed of the last
 */
public record Interpolation(long from, long to, int count) implements Edit {
    @Override
    public Tensor start(ReverseProcess process, Batch batch) {
        float[] a = noise(process.with(from), batch);
        float[] b = noise(process.with(to), batch);
        double theta = angle(a, b);
        float[] all = new float[Math.toIntExact(batch.extents().count())];
        for (int i = 0; i < batch.extents().n(); i++) {
            double u = count == 1 ? 0 : (batch.first() + i) / (count - 1.0);
            double ofA = weight(1 - u, theta) * process.plan().start();
            double ofB = weight(u, theta) * process.plan().start();
            for (int k = 0; k < a.length; k++) {
                all[i * a.length + k] = (float) (ofA * a[k] + ofB * b[k]);
            }
        }
        return batch.scope().tensor(Shape.of(batch.extents()), all);
    }

    private static float[] noise(ReverseProcess process, Batch batch) {
        Nhwc one = batch.extents().withN(1);
        try (Scope scope = Scope.on(batch.scope().backend())) {
            return process.noise(scope, one, 0).toFloats();
        }
    }

    /** Of a seed and itself 0. */
    private static double angle(float[] a, float[] b) {
        double aa = 0;
        double ab = 0;
        double bb = 0;
        for (int k = 0; k < a.length; k++) {
            aa += (double) a[k] * a[k];
            ab += (double) a[k] * b[k];
            bb += (double) b[k] * b[k];
        }
        return Math.acos(Math.max(-1, Math.min(1, ab / Math.sqrt(aa * bb))));
    }

    private static double weight(double share, double theta) {
        return theta < 1e-6 ? share : Math.sin(share * theta) / Math.sin(theta);
    }
}
