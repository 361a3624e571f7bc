/**
 * Files, whatever is in them: {@link ddpm.disk.AtomicFile} for what a person asked for, {@link ddpm.disk.FileSink} for what
 * must survive a cut of the power, {@link ddpm.disk.Packed} for what may be gzip, {@link ddpm.disk.Checksum} and {@link
 * ddpm.disk.ByteCount}.
 *
 * <p>Not here: formats. Images are read in {@code ddpm.data.files} and written in {@code ddpm.picture}, checkpoints in
 * {@code ddpm.train.checkpoint}. Start at {@link ddpm.disk.FileSink}.
 */
package ddpm.disk;
