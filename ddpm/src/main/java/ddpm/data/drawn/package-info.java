/**
 * Images that the program draws: {@link ddpm.data.drawn.Glyphs}, digits in many hands, and {@link
 * ddpm.data.drawn.Textures}. Image i depends on the seed and i alone. No file is read.
 *
 * <p>Start at {@link ddpm.data.drawn.DrawnSource}.
 */
package ddpm.data.drawn;
