/**
 * Decoded images that are too many for memory, in files of the user's cache folder. Knows pixels and their checksum, not
 * where they came from.
 *
 * <p>Start at {@link ddpm.data.cache.ImageCache}.
 */
package ddpm.data.cache;
