/**
 * What {@code ddpm doctor} finds out about the machine. Knows the engine and the data sources, and trains nothing.
 *
 * <p>Start at {@link ddpm.doctor.Doctor}.
 */
package ddpm.doctor;
