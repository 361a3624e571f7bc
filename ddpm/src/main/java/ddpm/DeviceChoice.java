package ddpm;

import ddpm.engine.backend.cuda.CudaInfo;
import java.util.List;

/**
 * What to compute on, settled.
 *
 * @param cuda the GPU, otherwise the CPU
 * @param graphs whether a GPU records steps and replays them; {@code --no-graph} turns it off
 * @param whyNoGpu where nobody chose the CPU: why it is not the GPU, in one sentence; null elsewhere
 */
public record DeviceChoice(boolean cuda, boolean graphs, String whyNoGpu) {
    public static final DeviceChoice CPU = new DeviceChoice(false, true, null);
    public static final DeviceChoice CUDA = new DeviceChoice(true, true, null);

    /** The spellings of {@code --device}, in the order of the help. */
    public static final List<String> NAMES = List.of("auto", "cpu", "cuda");

    /**
     * The choice behind {@code --device}: {@code auto} is the GPU where there is a usable one, else the CPU.
     *
     * @param name one of {@link #NAMES}
     */
    public static DeviceChoice of(String name, boolean graphs) {
        return switch (name) {
            case "cpu" -> new DeviceChoice(false, graphs, null);
            case "cuda" -> new DeviceChoice(true, graphs, null);
            case "auto" -> {
                String why = whyNot();
                yield new DeviceChoice(why == null, graphs, why);
            }
            default -> throw new IllegalArgumentException("no device is named " + name);
        };
    }

    /** Why {@code auto} does not take the GPU; null where it does. */
    private static String whyNot() {
        if (CudaInfo.simulated()) {
            return "it is only the CUDA simulator, which --device cuda takes";
        }
        // said to somebody who did not ask for a GPU: the remedy for those who want none is superfluous
        return CudaInfo.whyNot()
                .map(why -> why.sentence(instead -> "").replaceFirst("^cuda: ", ""))
                .orElse(null);
    }

    @Override
    public String toString() {
        return cuda ? "cuda" : "cpu";
    }
}
