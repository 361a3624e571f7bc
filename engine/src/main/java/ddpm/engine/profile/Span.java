package ddpm.engine.profile;

/**
 * One piece of a step's work.
 *
 * @param name family method, such as {@code conv2d}, or kernel
 * @param detail geometry of an operation; the operation a kernel works for
 * @param phase {@code forward}, {@code backward} or {@code update}
 * @param start µs since the step began
 * @param micros it took
 * @param bytes size of the buffers it was given, each time it was given them
 * @param flops of its products; 0 where it has none
 */
public record Span(String name, String detail, String phase, double start, double micros, long bytes, double flops) {}
