/**
 * Tests of the CUDA simulator itself (kernels/src/sim): that it behaves like a device where a program is right, and says
 * what is wrong and where if it is not. The tests of the backend and of its kernels, which run on the simulator, lie in the
 * package above. Start with {@link ddpm.engine.backend.cuda.sim.SimulatorTest}.
 */
package ddpm.engine.backend.cuda.sim;
