/**
 * Where the time of a step goes. {@link ddpm.engine.profile.Profiler} stands before a backend and notes each call of its
 * families while a step is measured; it exists only where a profile was asked for. Not here: the measuring of time itself,
 * which is a backend's {@link ddpm.engine.backend.Clock}.
 *
 * <p>Start at {@link ddpm.engine.profile.Profiler}.
 */
package ddpm.engine.profile;
