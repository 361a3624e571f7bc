/**
 * What the tests of operations stand on: one double reference per operation ({@link ddpm.engine.testing.Reference}),
 * gradients by central differences of it ({@link ddpm.engine.testing.OpCheck}), and the devices every test runs on
 * ({@link ddpm.engine.testing.Devices}). Start at {@code NormOpsTest}.
 */
package ddpm.engine.testing;
