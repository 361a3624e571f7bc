package ddpm.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import ddpm.config.Yaml;
import ddpm.train.RunConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Wall time of training steps in a fresh process, as {@code bench/compare.sh} holds it against PyTorch.
 *
 * <pre>
 * java -cp bench.jar ddpm.bench.TrainStepTime PRESET BATCH PRECISION WARMUP STEPS   one line of JSON
 * java -cp bench.jar ddpm.bench.TrainStepTime PRESET                                the preset's model as JSON
 * </pre>
 */
public final class TrainStepTime {
    private static final int ALL = 5;

    private TrainStepTime() {}

    public static void main(String[] args) throws IOException {
        if (args.length == 1) {
            RunConfig config = SyntheticTraining.config(args[0], 1, "fp32");
            System.out.println(Yaml.tree(config.model()));
        } else if (args.length == ALL) {
            System.out.println(measure(args[0], number(args[1]), args[2], number(args[3]), number(args[4])));
        } else {
            System.err.println("usage: TrainStepTime PRESET [BATCH PRECISION WARMUP STEPS]");
            System.exit(2);
        }
    }

    private static int number(String text) {
        return Integer.parseInt(text);
    }

    private static ObjectNode measure(String preset, int batch, String precision, int warmUp, int steps)
            throws IOException {
        try (SyntheticTraining training = new SyntheticTraining(preset, batch, precision)) {
            double loss = 0;
            for (int i = 0; i < warmUp; i++) {
                loss = training.step();
            }
            double[] seconds = new double[steps];
            for (int i = 0; i < steps; i++) {
                long began = System.nanoTime();
                loss = training.step();
                seconds[i] = (System.nanoTime() - began) / 1e9;
            }
            Arrays.sort(seconds);
            return new ObjectMapper()
                    .createObjectNode()
                    .put("who", "ddpm")
                    .put("version", "Java " + System.getProperty("java.version"))
                    .put("parameters", training.trainer().model().parameters().count())
                    .put("precision", precision)
                    .put("median_s", (seconds[(steps - 1) / 2] + seconds[steps / 2]) / 2)
                    .put("min_s", seconds[0])
                    .put("max_s", seconds[steps - 1])
                    .put("steps", steps)
                    .put("peak_rss_mb", peakResident())
                    .put("loss", loss);
        }
    }

    /** The largest resident memory of this process so far, JVM and all, MB; -1 where there is no /proc. */
    private static long peakResident() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return -1;
        }
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith("VmHWM:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
            }
        }
        return -1;
    }
}
