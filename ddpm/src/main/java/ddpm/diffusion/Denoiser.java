package ddpm.diffusion;

import ddpm.engine.tensor.Tensor;

/** A network as training and sampling see it; what its output F means is the {@link Prediction}'s business. */
@FunctionalInterface
public interface Denoiser {
    /**
     * Who is asked at t of the schedule; asked on the host, outside of what a device records, and a recording of its own is made for
     * each answer.
     */
    default Denoiser at(double t) {
        return this;
    }

    /**
     * F, in the scope of {@code x}. A device may record the operations and replay them for other values in the same memory: a
     * model that looks at values on the host works on the CPU only.
     *
     * @param x [N,H,W,C], scaled as the prediction asks
     * @param time F32 [N], see {@link Schedule#time}
     * @return [N,H,W,C], or [N,H,W,2C] with a learned variance: F, then what chooses the variance
     */
    Tensor predict(Tensor x, Tensor time, Condition condition);
}
