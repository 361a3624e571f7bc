package ddpm.engine.backend.cuda;

import ddpm.engine.backend.Precision;

/**
 * How to use a GPU.
 *
 * @param graphs whether steps are recorded and replayed; {@code --no-graph} turns it off
 * @param device index of the GPU among those that the driver shows
 */
public record CudaOptions(Precision precision, boolean graphs, int device) {
    /** The first GPU, with graphs. */
    public static CudaOptions of(Precision precision) {
        return new CudaOptions(precision, true, 0);
    }
}
