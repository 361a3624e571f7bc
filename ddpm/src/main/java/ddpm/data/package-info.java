/**
 * What a set of training images is: {@link ddpm.data.ImageSet}, 8-bit images of one size; {@link ddpm.data.PixelSource},
 * where they come from one after the other; {@link ddpm.data.Fingerprint}, by which a set is known again; {@link
 * ddpm.data.DataSpec}, what was asked for.
 *
 * <p>The packages below make one: {@code source} finds it, {@code files} decodes, {@code fetch} downloads, {@code drawn}
 * draws, {@code cache} keeps what memory does not hold. Start at {@code ddpm.data.source.DataSources}.
 *
 * <p>Not here: batches, shuffling, random flips and the step from bytes to [-1,1] are one operation on the device, {@link
 * ddpm.engine.ops.QSample#batch}. Every failure is a {@link ddpm.DataException}: one sentence with the file, what was
 * expected, what was found, and the remedy.
 */
package ddpm.data;
