package ddpm.engine.backend.cuda;

/**
 * The three tensors of a convolution, all of one element type.
 *
 * @param x [N,H,W,C]
 * @param w [K,kh,kw,C]
 * @param y [N,P,Q,K]
 */
record ConvTensors(CudaBuffer x, CudaBuffer w, CudaBuffer y) {}
