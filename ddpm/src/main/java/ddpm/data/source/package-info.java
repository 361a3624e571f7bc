/**
 * Where training images come from: {@link ddpm.data.source.DataSources#load} turns what the user wrote after {@code --data}
 * into a {@link ddpm.data.ImageSet}. One class per source: {@code IdxFolder} and {@code IdxImages} (MNIST-style files),
 * {@code ImageFolder}, {@code Mnist} (find or download); those that are drawn are in {@code ddpm.data.drawn}. {@link
 * ddpm.data.source.DataEnvironment} is what all of it sees of the machine.
 *
 * <p>Not here: formats, downloads and the cache, which have packages of their own. Start at {@link
 * ddpm.data.source.DataSources}.
 */
package ddpm.data.source;
