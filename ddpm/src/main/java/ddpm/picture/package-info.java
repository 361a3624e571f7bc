/**
 * Pictures that the program writes: sheets of images ({@link ddpm.picture.Preview}, {@link ddpm.picture.ImageGrid}),
 * animations ({@link ddpm.picture.GifWriter}), charts ({@link ddpm.picture.LineChart}), pages that hold both ({@link
 * ddpm.picture.HtmlPage}), and how it knows its own again ({@code OwnPictures}). All of AWT is behind {@link ddpm.picture.Pictures}, which knows what to say where there is none.
 *
 * <p>Not here: reading images, which is {@code ddpm.data.files}, and the way from noise to an image, {@code
 * ddpm.sample.Trajectory}, which watches a sampler and asks this package for the sheet. Start at {@link
 * ddpm.picture.Preview}.
 */
package ddpm.picture;
