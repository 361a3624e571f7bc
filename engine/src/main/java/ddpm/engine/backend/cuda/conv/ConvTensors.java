package ddpm.engine.backend.cuda.conv;

import ddpm.engine.backend.cuda.driver.CudaBuffer;

/**
 * The three tensors of a convolution, all of one element type.
 *
 * @param x [N,H,W,C]
 * @param w [K,kh,kw,C]
 * @param y [N,P,Q,K]
 */
public record ConvTensors(CudaBuffer x, CudaBuffer w, CudaBuffer y) {}
