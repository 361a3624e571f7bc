package ddpm;

import ddpm.engine.backend.Backend;
import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cpu.CpuBackend;
import ddpm.engine.backend.cpu.CpuInfo;
import java.util.Locale;

/** Opens the backend that {@code --device} and {@code --precision} name. */
public final class Devices {
    private Devices() {}

    /** Why {@code --device cuda} cannot be had, in one sentence. */
    public static String whyNoCuda() {
        return "this version computes on the CPU only; run with --device cpu";
    }

    /**
     * The precision behind {@code auto}; any other name as it is.
     *
     * @throws UserError where the device cannot be used
     */
    public static String precision(DeviceChoice device, String name) {
        if (!name.equals("auto")) {
            return name;
        }
        requireCpu(device);
        return CpuInfo.hasBf16() ? "bf16" : "fp32";
    }

    /** As {@link #open(DeviceChoice, String, boolean)}, with graphs. */
    public static Backend open(DeviceChoice device, String precision) {
        return open(device, precision, true);
    }

    /**
     * The backend of a resolved choice.
     *
     * @param precision {@code fp32}, {@code tf32} or {@code bf16}
     * @param graphs whether a GPU records a step once and replays it; the CPU has nothing of the kind
     * @throws UserError where it cannot be used: the reason and the remedy
     */
    public static Backend open(DeviceChoice device, String precision, boolean graphs) {
        requireCpu(device);
        try {
            return new CpuBackend(Precision.valueOf(precision.toUpperCase(Locale.ROOT)));
        } catch (BackendException e) {
            throw new UserError(e.getMessage(), e);
        }
    }

    private static void requireCpu(DeviceChoice device) {
        if (device == DeviceChoice.CUDA) {
            throw new UserError("--device cuda: " + whyNoCuda());
        }
    }
}
