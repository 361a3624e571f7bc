package ddpm.data.source;

import ddpm.data.ImageSet;

/**
 * The images for a run that names no source.
 *
 * @param images MNIST, or the built-in glyphs where MNIST is neither on this machine nor reachable
 * @param source {@code mnist} or {@code glyphs}, to be kept with the run
 * @param notice one line for the user saying why the glyphs stand in; null when the images are MNIST
 */
public record MnistOrGlyphs(ImageSet images, String source, String notice) {}
