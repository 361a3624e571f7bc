package ddpm.bench.report;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Prints what a folder of {@code bench/device-run.sh} says of ceilings and steps.
 *
 * <pre>
 * java -cp bench.jar:ddpm.jar ddpm.bench.report.DeviceTables DIR
 * </pre>
 */
public final class DeviceTables {
    private DeviceTables() {}

    public static void main(String[] args) {
        if (args.length != 1) {
            System.err.println("usage: DeviceTables DIR");
            System.exit(2);
        }
        try {
            System.out.print(new DeviceReport(DeviceRun.of(new DeviceFolder(Path.of(args[0])).lines())).brief());
        } catch (IOException e) {
            System.err.println("DeviceTables: " + e.getMessage());
            System.exit(1);
        }
    }
}
