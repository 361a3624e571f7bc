/**
 * The driver's side of a GPU: the device with its one stream, memory on it and pinned memory beside it, clocks, status codes, and
 * what a recording must know of the buffers that it uses.
 *
 * <p>Start at {@link ddpm.engine.backend.cuda.driver.CudaDevice}.
 */
package ddpm.engine.backend.cuda.driver;
