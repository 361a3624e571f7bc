package ddpm.engine.testing.mutation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Runs the tests that reach each mutant, first on the fast simulator, then, if it lives, on the one that watches memory.
 *
 * <pre>
 * MutationRun WORK REASONS REPORT JOBS FILE    WORK and FILE as in kernels/mutation.sh; FILE may be empty
 * </pre>
 */
public final class MutationRun {
    /** Seconds of processor time for one mutant: a loop without end is caught. */
    private static final int CPU_SECONDS = 120;

    private final Path work;
    private final Map<Integer, List<String>> tests = new HashMap<>();

    private MutationRun(Path work) {
        this.work = work.toAbsolutePath();
    }

    public static void main(String[] args) throws IOException, InterruptedException, ExecutionException {
        MutationRun run = new MutationRun(Path.of(args[0]));
        List<Mutant> mutants = Mutant.read(run.work.resolve("mutants.tsv")).stream()
                .filter(mutant -> args[4].isEmpty() || mutant.file().equals(args[4]))
                .toList();
        run.cover();
        Map<Mutant, String> caught = run.all(mutants, Integer.parseInt(args[3]));
        MutationReport report = new MutationReport(mutants, caught, Path.of(args[1]));
        Files.writeString(Path.of(args[2]), report.text());
        System.out.println(report.summary());
        System.exit(report.good() ? 0 : 1);
    }

    /** Which tests come past which mutant, the quickest first. */
    private void cover() throws IOException, InterruptedException {
        Path out = work.resolve("coverage.tsv");
        if (start("fast", 0, "cover", out) != 0) {
            throw new IllegalStateException("the tests do not pass without a mutant: " + log(0));
        }
        TreeMap<Long, List<String[]>> byTime = new TreeMap<>();
        for (String line : Files.readAllLines(out)) {
            String[] fields = line.split("\t", -1);
            byTime.computeIfAbsent(Long.valueOf(fields[0]), millis -> new ArrayList<>())
                    .add(fields);
        }
        byTime.values().stream().flatMap(List::stream).forEach(fields -> {
            for (String id : fields[2].split(" ")) {
                if (!id.isEmpty()) {
                    tests.computeIfAbsent(Integer.valueOf(id), mutant -> new ArrayList<>())
                            .add(fields[1]);
                }
            }
        });
    }

    private Map<Mutant, String> all(List<Mutant> mutants, int jobs) throws InterruptedException, ExecutionException {
        ExecutorService pool = Executors.newFixedThreadPool(jobs);
        Map<Mutant, Future<String>> running = new HashMap<>();
        for (Mutant mutant : mutants) {
            running.put(mutant, pool.submit(() -> caught(mutant)));
        }
        Map<Mutant, String> caught = new HashMap<>();
        for (Mutant mutant : mutants) {
            String mode = running.get(mutant).get();
            System.out.println(mutant.place() + " " + mutant.kind() + ": " + (mode.isEmpty() ? "SURVIVES" : mode));
            if (!mode.isEmpty()) {
                caught.put(mutant, mode);
            }
        }
        pool.shutdown();
        return caught;
    }

    /** The mode that catches it, or nothing. A mutant that no test reaches does nothing else than the kernel. */
    private String caught(Mutant mutant) throws IOException, InterruptedException {
        List<String> reaching = tests.get(mutant.id());
        if (reaching == null) {
            return "";
        }
        Path list = Files.write(work.resolve("tests-" + mutant.id()), reaching);
        try {
            for (String mode : List.of("fast", "check")) {
                if (start(mode, mutant.id(), "catch", list) != 0) {
                    return mode;
                }
            }
            return "";
        } finally {
            Files.delete(list);
        }
    }

    private int start(String mode, int mutant, String what, Path file) throws IOException, InterruptedException {
        ProcessBuilder process = new ProcessBuilder(
                "bash",
                "-c",
                "ulimit -t " + (mutant == 0 ? 20 * CPU_SECONDS : CPU_SECONDS) + "; exec \"$@\"",
                "bash",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dddpm.cuda.run=" + mode,
                "-Dddpm.cuda.exact=true",
                "-Dddpm.cache=" + work.resolve("cache"),
                "-cp",
                System.getProperty("java.class.path"),
                KernelTestRun.class.getName(),
                what,
                file.toString());
        process.environment().put("DDPM_CUDA_PATH", work.resolve(mode).toString());
        process.environment().put("CUSIM_MUTANT", Integer.toString(mutant));
        return process.redirectErrorStream(true)
                .redirectOutput(log(mutant).toFile())
                .start()
                .waitFor();
    }

    private Path log(int mutant) {
        return work.resolve("log-" + mutant);
    }
}
