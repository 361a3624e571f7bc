package ddpm.data;

/** A file that looked like an image and could not be used, relative to the folder it was found in, and why. */
public record Rejected(String file, String reason) {}
