package ddpm.bench;

/**
 * What one step has to do, counted.
 *
 * @param flop of its products
 * @param bytes of the buffers that its operations are given
 */
record Work(double flop, double bytes) {}
