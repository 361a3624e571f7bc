/**
 * The transformer of Peebles &amp; Xie 2023, DiT: an image is cut into patches, which look at each other in block after block, and t and
 * the class scale, shift and gate what each block does. Parameter names, shapes and their order are those of the state_dict of
 * facebookresearch/DiT. Start at {@link ddpm.model.dit.DiT}; {@link ddpm.model.dit.DiTConfig} says what the settings mean.
 */
package ddpm.model.dit;
