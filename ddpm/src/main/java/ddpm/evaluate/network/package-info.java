/**
 * Images as points that mean something: {@link ddpm.evaluate.network.FeatureNet}, a small convolution net whose last layer but one
 * gives the features, {@link ddpm.evaluate.network.Lessons}, which teaches it the classes of a data set, and {@link
 * ddpm.evaluate.network.FeatureFile}, which keeps it.
 *
 * <p>Not here: what is done with features, which is {@code ddpm.evaluate.measure}. Start at {@link
 * ddpm.evaluate.network.FeatureNet}.
 */
package ddpm.evaluate.network;
