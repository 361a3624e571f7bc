/**
 * The file format that named host arrays ({@link ddpm.engine.tensor.HostTensor}) travel in:
 * {@link ddpm.engine.io.Safetensors}.
 *
 * <p>Nothing here knows devices, tapes or models. A file is not trusted: every number in its header is checked against
 * the bytes that are really there before anything is allocated. Start at {@link ddpm.engine.io.Safetensors#read}.
 */
package ddpm.engine.io;
