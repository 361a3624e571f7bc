package ddpm.data;

import java.util.Set;

/** An image as its file shows it to a viewer, and what was done to it. */
record Decoded(Pixels pixels, Set<Remark> remarks) {}
