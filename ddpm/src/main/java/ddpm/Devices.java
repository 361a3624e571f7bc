package ddpm;

import ddpm.engine.backend.Backend;
import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.BackendException.Instead;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cpu.CpuBackend;
import ddpm.engine.backend.cpu.onednn.CpuInfo;
import ddpm.engine.backend.cuda.CudaBackend;
import ddpm.engine.backend.cuda.CudaOptions;
import java.util.Locale;

/** Opens the backend that {@code --device} and {@code --precision} name. */
public final class Devices {
    private Devices() {}

    /**
     * The precision behind {@code auto}; any other name as it is. On a GPU that is fp32, until a training in bf16 was shown
     * to be as good there.
     */
    public static String precision(DeviceChoice device, String name) {
        if (!name.equals("auto")) {
            return name;
        }
        return !device.cuda() && CpuInfo.hasBf16() ? "bf16" : "fp32";
    }

    /** Begins to load what {@link #open} will need, while the caller reads its settings and its data. */
    public static void preload(DeviceChoice device) {
        if (!device.cuda()) {
            CpuBackend.preload();
        }
    }

    /**
     * The backend of a choice.
     *
     * @param precision {@code fp32}, {@code tf32} or {@code bf16}
     * @throws UserError where it cannot be used: the reason and the remedy
     */
    public static Backend open(DeviceChoice device, String precision) {
        Precision p = Precision.valueOf(precision.toUpperCase(Locale.ROOT));
        try {
            return device.cuda() ? new CudaBackend(new CudaOptions(p, device.graphs(), 0)) : new CpuBackend(p);
        } catch (BackendException e) {
            throw new UserError(sentence(e), e);
        }
    }

    /** What an exception says at the command line: a backend's remedies by the options that choose them. */
    public static String sentence(Throwable e) {
        return e instanceof BackendException b ? b.sentence(Devices::option) : e.getMessage();
    }

    private static String option(Instead instead) {
        return switch (instead) {
            case CPU -> "run with --device cpu";
            case FP32 -> "use --precision fp32";
            case NO_GRAPHS -> "run with --no-graph";
        };
    }

    /** One line for the user: what a run computes on, and why not on a GPU where that was not chosen. */
    public static String describe(DeviceChoice device, Backend backend) {
        String what = "device: " + device + ", " + backend.precision().name().toLowerCase(Locale.ROOT);
        return device.whyNoGpu() == null ? what : what + "; no GPU: " + device.whyNoGpu();
    }
}
