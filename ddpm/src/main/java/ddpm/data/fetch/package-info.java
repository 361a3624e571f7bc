/**
 * Downloads: from the first mirror that serves a file whole, continued where an earlier attempt stopped, named only when its
 * checksum is right. Knows no data set; {@code ddpm.data.source.Mnist} says which files.
 *
 * <p>Start at {@link ddpm.data.fetch.Download}.
 */
package ddpm.data.fetch;
