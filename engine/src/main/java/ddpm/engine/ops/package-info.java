/**
 * One file per operation. A differentiable one is a record that implements {@code ddpm.engine.autograd.Op}: its {@code
 * apply} checks shapes, allocates the result, makes one call to the backend and records itself; its {@code backward}
 * does the same for the gradients. The components of the record are exactly what stays alive until then.
 *
 * <p>No arithmetic on values happens here; that is the backend's. Operations without a gradient ({@code DrawLabels}, {@code
 * Guidance}, {@code QSample}, {@code Reverse}, {@code StandardNormal}, {@code TimestepEmbedding}) have the same shape and are not recorded.
 *
 * <p>Start at {@link ddpm.engine.ops.GroupNormOp}; every check is in {@code Check}, and how a vector lies over an image in {@code
 * Spread}.
 */
package ddpm.engine.ops;
