package ddpm.engine.backend.cuda.sim;

import static ddpm.engine.backend.cuda.sim.SimulatedDevice.N;

import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.JCudaDriver;

/**
 * A JCuda program on the simulator, in a process of its own, as a kernel's fault and the simulator's environment variables
 * concern a whole process. Each argument is one run: a method of {@link SimulatorScenarios}, or a launch like
 * {@code past_the_end 1 256 x 256} with the arguments x (256 floats), y (256 more), u (256 floats that nobody wrote),
 * null, or a number.
 */
final class SimulatorProgram {
    private SimulatorProgram() {}

    /** @param args libcuda.so.1, then runs */
    public static void main(String[] args) throws Exception {
        System.load(args[0]);
        JCudaDriver.setExceptionsEnabled(false);
        SimulatedDevice device = args[1].startsWith("bare") ? null : new SimulatedDevice();
        for (String run : Arrays.asList(args).subList(1, args.length)) {
            System.out.println("## " + run.split(" ")[0]);
            if (run.contains(" ")) {
                launch(device, run.split(" "));
                device.reset();
            } else {
                scenario(run, device);
            }
        }
    }

    private static void scenario(String name, SimulatedDevice device) throws Exception {
        try {
            SimulatorScenarios.class
                    .getDeclaredMethod(name, SimulatedDevice.class)
                    .invoke(null, device);
            System.out.println("passed");
        } catch (InvocationTargetException e) {
            e.getCause().printStackTrace(System.out);
        }
    }

    private static void launch(SimulatedDevice device, String[] words) {
        Object[] arguments = new Object[words.length - 3];
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = argument(words[i + 3]);
        }
        device.launch(null, words[0], Integer.parseInt(words[1]), Integer.parseInt(words[2]), 0, arguments);
        System.out.println("status " + JCudaDriver.cuCtxSynchronize());
    }

    private static Object argument(String word) {
        return switch (word) {
            case "x", "y" -> SimulatedDevice.of(SimulatedDevice.ramp(N));
            case "u" -> SimulatedDevice.fresh(N);
            case "null" -> new CUdeviceptr();
            default -> Integer.valueOf(word);
        };
    }
}
