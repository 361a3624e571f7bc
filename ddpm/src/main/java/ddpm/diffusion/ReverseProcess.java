package ddpm.diffusion;

import ddpm.engine.backend.Nhwc;
import ddpm.engine.ops.StandardNormal;
import ddpm.engine.random.Stream;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;

/**
 * Draws images: x_T is noise, then the sampler's steps with the model's predictions. Image i of a run depends on the seed
 * and i alone, not on how many are drawn at once.
 *
 * @param model predicts the noise
 * @param sampler which steps to take
 * @param seed of the start and of the steps' noise
 */
public record ReverseProcess(EpsModel model, Sampler sampler, long seed) {
    /** Watches the chain; a trajectory or a progress bar. */
    @FunctionalInterface
    public interface Listener {
        /**
         * After a step; the tensors are valid during the call.
         *
         * @param k number of the step, from 0
         * @param t the timestep it started from
         * @param x what it started from, x_t
         * @param next what it led to; after the last step, the images
         * @param x0 the model's estimate of the images
         */
        void step(int k, int t, Tensor x, Tensor next, Tensor x0);

        /** Does step number {@code k}; whoever measures it does it in a way of his own. */
        default void take(int k, Runnable step) {
            step.run();
        }

        /** Watches nothing. */
        static Listener none() {
            return (k, t, x, next, x0) -> {};
        }
    }

    /** Images number firstImage .. firstImage+n-1 of the run, about [-1,1], in {@code scope}. */
    public Tensor draw(Scope scope, Nhwc images, long firstImage, Listener listener) {
        return run(start(scope, images, firstImage), firstImage, listener);
    }

    /** x_T of the images. */
    public Tensor start(Scope scope, Nhwc images, long firstImage) {
        return StandardNormal.draw(scope, Shape.of(images), seed, Stream.START, firstImage, 0);
    }

    /**
     * The whole chain from a given x_T, which is written over: afterwards it holds the images.
     *
     * <p>All steps work on the same memory and differ only in the numbers written before each, so a device may record one
     * and replay it.
     */
    public Tensor run(Tensor start, long firstImage, Listener listener) {
        try (Chain chain = new Chain(model, start, seed)) {
            int[] timesteps = sampler.timesteps();
            for (int k = 0; k < timesteps.length; k++) {
                Update update = sampler.update(k);
                listener.take(k, () -> chain.step(update, firstImage));
                listener.step(k, timesteps[k], chain.x(), start, chain.x0());
            }
        }
        return start;
    }
}
