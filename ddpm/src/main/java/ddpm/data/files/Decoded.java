package ddpm.data.files;

import ddpm.data.Pixels;
import ddpm.data.Remark;
import java.util.Set;

/** An image as its file shows it to a viewer, and what was done to it. */
public record Decoded(Pixels pixels, Set<Remark> remarks) {}
