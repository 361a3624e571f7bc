/**
 * Where training images come from, and how pictures are written.
 *
 * <p>Start at {@link ddpm.data.DataSources#load}: it turns what the user wrote after {@code --data} into an
 * {@link ddpm.data.ImageSet}, 8-bit images of one size: in memory, or in a file of {@link ddpm.data.ImageCache} where
 * they are too many. {@link ddpm.data.Fingerprint} says what a set is, {@code OwnPictures} what is no part of it. One
 * class per source: {@code IdxFolder} and {@code IdxImages} (MNIST-style files), {@code ImageFolder} (PNG, JPEG, GIF,
 * BMP, WebP and TIFF, decoded by {@code ImageDecoder}),
 * {@code Mnist} (find or download), {@code Glyphs} and {@code Textures} (built in, drawn by the program).
 * {@link ddpm.data.ImageGrid}, {@link ddpm.data.ColumnLabels} and {@link ddpm.data.GifWriter} write what the samplers draw.
 *
 * <p>Not here: batches, shuffling, random flips and the step from bytes to [-1,1] are one operation on the device, {@link
 * ddpm.engine.ops.QSample#batch}. Every failure is a
 * {@link ddpm.data.DataException}: one sentence with the file, what was expected, what was found, and the remedy.
 */
package ddpm.data;
