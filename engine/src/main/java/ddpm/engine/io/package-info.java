/**
 * Named host arrays and the file format they travel in: {@link ddpm.engine.io.HostTensor} and
 * {@link ddpm.engine.io.Safetensors}; and {@link ddpm.engine.io.MappedFile}, files that are read where they lie.
 *
 * <p>Nothing here knows devices, tapes or models. A file is not trusted: every number in its header is checked against
 * the bytes that are really there before anything is allocated. Start at {@link ddpm.engine.io.Safetensors#read}.
 */
package ddpm.engine.io;
