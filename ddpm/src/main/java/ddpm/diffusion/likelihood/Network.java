package ddpm.diffusion.likelihood;

import ddpm.diffusion.Condition;
import ddpm.diffusion.Denoiser;
import ddpm.engine.backend.Backend;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;

/** A network as the bound sees it: arrays of the host. */
@FunctionalInterface
public interface Network {
    /**
     * F for a batch, each image at a level of noise of its own.
     *
     * @param x [N,H,W,C], scaled as the prediction asks
     * @param times [N], what the network is given for the t of each image
     * @return [N,H,W,C], or [N,H,W,2C] with a learned variance: of each pixel F, then v
     */
    float[] predict(float[] x, double[] times);

    /**
     * A denoiser on a backend. Each call copies a batch there and back, which is small beside what a network computes on it: 128
     * images of 32x32x3 are 1.5 MB.
     */
    static Network of(Denoiser denoiser, Backend backend, Nhwc images, Condition condition) {
        return (x, times) -> {
            float[] given = new float[times.length];
            for (int i = 0; i < given.length; i++) {
                given[i] = (float) times[i];
            }
            try (Scope scope = Scope.on(backend)) {
                return denoiser.predict(
                                scope.tensor(Shape.of(images), x), scope.tensor(Shape.of(images.n()), given), condition)
                        .toFloats();
            }
        };
    }
}
