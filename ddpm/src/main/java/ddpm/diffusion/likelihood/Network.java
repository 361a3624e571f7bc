package ddpm.diffusion.likelihood;

import ddpm.diffusion.Condition;
import ddpm.diffusion.Denoiser;
import ddpm.engine.backend.Backend;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import java.util.Arrays;

/** A network as the bound sees it: arrays of the host. */
@FunctionalInterface
public interface Network {
    /**
     * F for a batch at one level of noise.
     *
     * @param x [N,H,W,C], scaled as the prediction asks
     * @param time what the network is given for t
     * @return [N,H,W,C], or [N,H,W,2C] with a learned variance: of each pixel F, then v
     */
    float[] predict(float[] x, double time);

    /**
     * A denoiser on a backend. Each call copies a batch there and back, which is small beside what a network computes on it: 128
     * images of 32x32x3 are 1.5 MB.
     */
    static Network of(Denoiser denoiser, Backend backend, Nhwc images, Condition condition) {
        return (x, time) -> {
            float[] times = new float[Math.toIntExact(images.n())];
            Arrays.fill(times, (float) time);
            try (Scope scope = Scope.on(backend)) {
                return denoiser.predict(
                                scope.tensor(Shape.of(images), x), scope.tensor(Shape.of(images.n()), times), condition)
                        .toFloats();
            }
        };
    }
}
