/**
 * JMH benchmarks of what Java sees: operations and whole steps, at the sizes that the presets really have. Timings do not
 * belong in tests, and correctness does not belong here.
 */
package ddpm.bench;
