package ddpm.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import ddpm.UserError;
import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.cuda.Ladder;
import ddpm.engine.backend.cuda.LadderDevice;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Times every step of every ladder on a real GPU by its own clock, caches emptied before each run, beside the bandwidth of
 * the driver's copy on the same GPU.
 *
 * <pre>
 * java -cp bench.jar ddpm.bench.LadderBench
 * </pre>
 */
@Command(name = "LadderBench", mixinStandardHelpOptions = true, sortOptions = false)
public final class LadderBench implements Callable<Integer> {
    @Option(names = "--without", description = "a step to leave out; may be repeated")
    private List<String> without = List.of();

    @Option(names = "--json", description = "a file that gets a line of JSON for each step")
    private Path json;

    @Option(names = "--rehearse", description = "small ladders, also on the simulator: the times mean nothing")
    private boolean rehearse;

    public static void main(String[] args) {
        System.exit(new CommandLine(new LadderBench()).execute(args));
    }

    @Override
    public Integer call() throws IOException {
        try (LadderDevice gpu = LadderDevice.open()) {
            if (gpu.simulated() && !rehearse) {
                throw new UserError("this is the simulator, whose times mean nothing; it needs a real GPU");
            }
            double copy = gpu.copyBandwidth(rehearse ? 1 << 16 : 512L << 20);
            print("%s, copy %.0f GB/s%n", gpu.name(), copy / 1e9);
            for (Supplier<Ladder> make : rehearse ? gpu.smallLadders() : gpu.ladders()) {
                try (Ladder ladder = make.get()) {
                    measure(gpu, ladder, copy);
                }
            }
            return 0;
        } catch (BackendException | UserError | IllegalStateException e) {
            System.err.println("LadderBench: " + e.getMessage());
            return 1;
        }
    }

    private void measure(LadderDevice gpu, Ladder ladder, double copy) throws IOException {
        print("%n%s%n%-24s %10s %8s %9s %7s %9s%n", ladder.title(), "step", "ms", "±", "GB/s", "% copy", "GFLOP/s");
        for (Ladder.Step step : ladder.steps()) {
            if (without.contains(step.name())) {
                continue;
            }
            if (!ladder.isRight(step)) {
                throw new IllegalStateException(ladder.title() + ", " + step.name() + ": wrong result");
            }
            double[] seconds = gpu.seconds(step.run());
            double median = seconds[seconds.length / 2];
            double spread = (seconds[seconds.length - 1] - seconds[0]) / 2;
            double rate = ladder.bytes() / median;
            print(
                    "%-24s %10.4f %8.4f %9.1f %7.1f %9.1f%n",
                    step.name(),
                    median * 1e3,
                    spread * 1e3,
                    rate / 1e9,
                    100 * rate / copy,
                    ladder.flop() / median / 1e9);
            note(ladder.title(), step.name(), median, spread, rate, rate / copy);
        }
    }

    /** Appends a whole line, so that a process that is ended keeps those before. */
    private void note(String title, String step, double median, double spread, double rate, double share)
            throws IOException {
        if (json == null) {
            return;
        }
        ObjectNode line = new ObjectMapper().createObjectNode();
        line.put("kind", "ladder").put("title", title).put("step", step);
        line.put("ms", median * 1e3).put("spread_ms", spread * 1e3);
        line.put("gb_s", rate / 1e9).put("copy_share", share);
        Files.writeString(
                json, line + "\n", StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private static void print(String format, Object... values) {
        System.out.printf(Locale.ROOT, format, values);
    }
}
