/**
 * What an image file shows: {@code ImageDecoder} reads PNG, JPEG, GIF, BMP, WebP and TIFF, turned as the file says; {@code
 * Container}, {@code JpegFile} and {@code TiffFile} decide where a file ends, {@code IdxFile} is the layout of MNIST.
 *
 * <p>Not here: which files a folder has ({@code ddpm.data.source}) and writing pictures ({@code ddpm.picture}). Start at
 * {@link ddpm.data.files.ImageDecoder}.
 */
package ddpm.data.files;
