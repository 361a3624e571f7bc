package ddpm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.DataException;
import ddpm.UserError;
import ddpm.engine.backend.BackendException;
import ddpm.train.settings.Presets;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.AccessDeniedException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60) // an option that is wrongly accepted would begin a training
class MainTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "trian                               | unknown command trian; did you mean train? (see ddpm --help)",
                "--nonsense                          | unknown option --nonsense",
                "train --bach 3                      | unknown option --bach; did you mean --batch? (see ddpm train"
                        + " --help)",
                "train --bach=3                      | unknown option --bach; did you mean --batch?",
                "train extra                         | unexpected argument extra",
                "train --batch many                  | 'many' is not an int",
                "train --batch                       | missing required parameter for option '--batch'",
                "train --batch 0                     | train.batch: must be at least 1, got 0 (from --batch)",
                "train --lr -1                       | train.lr: must be above 0 and at most 1, got -1.0 (from --lr)",
                "train --steps 3 --epochs 4          | --steps=N, --epochs=N are mutually exclusive",
                "train --steps 3 --steps 4           | option '--steps' should be specified only once",
                "train --batch 3 --batch 4           | option '--batch' (N) should be specified only once",
                "train --out=                        | invalid value for option '--out': '' is empty; name a file",
                "train --steps 0                     | train.steps: must be at least 1, got 0 (from --steps)",
                "train --epochs 0                    | train.epochs: must be at least 1, got 0 (from --epochs)",
                "train --save-every 0                | train.save_every: must be at least 1",
                "train --sample-every -5             | train.sample_every: must be at least 0",
                "train --seed 1.5                    | '1.5' is not a long",
                "train --preset mnits                | there is no preset \"mnits\"; did you mean mnist?",
                "train --preset zzz                  | known are quick, mnist, textures, cifar, cifar10, dit-tiny and dit-s",
                "train --device gpu                  | --device gpu: must be auto, cpu or cuda",
                "train --precision fp16              | --precision fp16: must be auto, fp32, tf32 or bf16",
                "train --channels 2                  | --channels 2: must be auto, 1 or 3",
                "train --size 32x                    | data.size: expected HxW such as 32x32, got \"32x\" (from"
                        + " --size)",
                "train --size 0x32                   | data.size: expected HxW such as 32x32, got \"0x32\" (from"
                        + " --size)",
                "train --set train.bach=3            | train.bach: unknown key; did you mean train.batch?",
                "train --set lr                      | expected key.path=value",
                "train --config /no/such.yaml        | --config /no/such.yaml: there is no such file",
                "train --resume --out /no/such/run   | --resume: /no/such/run holds no run (no config.yaml)",
                "sample                              | missing required option: '--checkpoint=RUN_DIR|CHECKPOINT_DIR'",
                "sample --checkpoint /no/such        | --checkpoint /no/such: there is no such folder",
                "sample --checkpoint /tmp --count 0  | --count: must be at least 1, got 0",
                "sample --checkpoint /tmp --batch 0  | --batch 0: must be at least 1",
                "sample --checkpoint /tmp --sample-steps 0    | --sample-steps: must be at least 1, got 0",
                "sample --checkpoint /tmp --sampler eulr      | --sampler: there is no sampler \"eulr\"; did you mean euler?",
                "sample --checkpoint /tmp --spacing near      | --spacing: must be trailing, leading, linspace",
                "sample --checkpoint /tmp --weights new       | --weights new: must be ema or raw",
                "sample --checkpoint /tmp --eta 2             | --eta: must be from 0 to 1, got 2.0",
                "sample --checkpoint /tmp --eta NaN           | --eta: must be from 0 to 1, got NaN",
                "sample --checkpoint /tmp --churn -1          | --churn: must be at least 0, got -1.0",
                "sample --checkpoint /tmp --threshold 1       | --threshold: must be from 0 (none) to below 1, got 1.0",
                "sample --checkpoint /tmp --ema 0.9 --weights raw | --ema and --weights: give one of them",
                "list sampler                                 | there is no list \"sampler\"; did you mean samplers?",
                "sample --checkpoint /tmp --grid a.jpg        | --grid a.jpg: the name must end in .png",
                "sample --checkpoint /tmp --npy a.npz         | --npy a.npz: the name must end in .npy",
                "sample --checkpoint /tmp --trajectory a.mp4  | --trajectory a.mp4: the name must end in .png or .gif",
                "verify                              | missing required parameter: 'DIR'",
                "verify /no/such                     | verify /no/such: there is no such folder",
                "data                                | say fetch, check or clean",
                "data fech mnist                     | unknown command fech; did you mean fetch? (see ddpm data --help)",
                "data fetch cifar                    | data fetch cifar: must be mnist",
                "data fetch                          | missing required parameter: 'mnist'",
                "data check /no/such                 | data check /no/such: there is no such folder",
                "presets quik                        | there is no preset \"quik\"; did you mean quick?",
                "presets quick mnist                 | unexpected argument mnist",
                "doctor x                            | unexpected argument x"
            })
    void badUsageIsOneSentenceAndExitCode2(String args, String fragment) {
        CommandRun run = CommandRun.of(args.split(" "));

        assertEquals(ExitCode.USAGE, run.exitCode(), run.err());
        assertTrue(run.err().contains(fragment), run.err());
        assertTrue(run.err().startsWith("ddpm: "), run.err());
        assertEquals(1, run.err().lines().count(), run.err());
        assertEquals("", run.out());
    }

    @Test
    void noCommandShowsTheHelpAndFails() {
        CommandRun run = CommandRun.of();

        assertEquals(ExitCode.USAGE, run.exitCode());
        assertTrue(run.err().contains("Usage: ddpm"), run.err());
        assertTrue(run.err().contains("no command given; try: ddpm train"), run.err());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "train ", "sample ", "verify ", "data ", "data fetch ", "data check ", "presets ", "doctor "
            })
    void helpGoesToOutWithAnExample(String command) {
        CommandRun run = CommandRun.of((command + "--help").split(" "));

        assertEquals(ExitCode.OK, run.exitCode(), run.err());
        assertTrue(run.out().startsWith("Usage: ddpm " + command), run.out());
        assertTrue(run.out().contains("Example"), run.out());
        assertTrue(run.out().contains("--verbose"), run.out());
        assertTrue(run.out().lines().allMatch(line -> line.length() <= 100), run.out());
        assertEquals("", run.err());
    }

    /** The options of the contract; a script that uses one must not break. */
    @ParameterizedTest
    @CsvSource({
        "train, --preset --config --set --data --out --device --precision --steps --epochs --batch --lr --seed --resume"
                + " --save-every --sample-every --dry-run --quiet --channels --size",
        "sample, --checkpoint --count --seed --batch --sampler --sample-steps --eta --grid --out --npy --weights"
                + " --trajectory --device",
        "verify, --device"
    })
    void everyOptionOfTheContractExists(String command, String options) {
        String help = CommandRun.of(command, "--help").out();

        for (String option : options.split(" ")) {
            // its own line in the list of options; a mention in the text does not count
            assertTrue(help.lines().anyMatch(line -> line.strip().matches(option + "([= ].*)?")), option);
        }
    }

    @Test
    void theHelpOfListNamesEveryList() {
        List<String> names = CommandRun.of("list")
                .out()
                .lines()
                .filter(line -> line.matches("\\w+:"))
                .map(line -> line.replace(":", ""))
                .toList();
        String help = CommandRun.of("list", "--help").out().replaceAll("\\s+", " ");
        assertTrue(help.contains("One of " + String.join(", ", names) + "."), help);
    }

    @Test
    void versionNamesProgramAndJava() {
        CommandRun run = CommandRun.of("--version");

        assertEquals(ExitCode.OK, run.exitCode());
        assertTrue(run.out().startsWith("ddpm "), run.out());
        assertTrue(run.out().contains("Java " + System.getProperty("java.version")), run.out());
    }

    @Test
    void presetsListsAllAndPrintsOne() {
        CommandRun list = CommandRun.of("presets");
        assertEquals(ExitCode.OK, list.exitCode());
        assertEquals(
                Presets.names(),
                list.out().lines().map(l -> l.substring(0, l.indexOf(' '))).toList());

        CommandRun quick = CommandRun.of("presets", "quick");
        assertEquals(ExitCode.OK, quick.exitCode());
        assertEquals(Presets.yaml("quick"), quick.out());
    }

    @Test
    void stackTraceOnlyWhenAskedFor() {
        assertFalse(CommandRun.of("presets", "quik").err().contains("\tat "));
        for (var args : List.of(List.of("--verbose", "presets", "quik"), List.of("presets", "quik", "--verbose"))) {
            CommandRun run = CommandRun.of(args.toArray(String[]::new));
            assertEquals(ExitCode.USAGE, run.exitCode());
            assertTrue(run.err().contains("\tat "), run.err());
        }
    }

    @Test
    void everyKindOfFailureHasItsExitCode() {
        assertReport(ExitCode.FAILURE, "ddpm: the disk is full", new UserError("the disk is full"));
        assertReport(ExitCode.USAGE, "ddpm: no such key", UserError.usage("no such key"));
        assertReport(
                ExitCode.FAILURE, "ddpm: /a/b: permission denied; check its rights", new AccessDeniedException("/a/b"));
        assertReport(ExitCode.FAILURE, "ddpm: no images", new DataException("no images"));
        assertReport(ExitCode.FAILURE, "ddpm: no AMX", new BackendException("no AMX"));
        assertReport(ExitCode.INTERRUPTED, "ddpm: interrupted", new InterruptedException());
        assertReport(ExitCode.FAILURE, "lower --batch", new OutOfMemoryError("Java heap space"));
        assertReport(
                ExitCode.FAILURE,
                "unexpected IllegalStateException: oops; this is a defect",
                new IllegalStateException("oops"));
    }

    private static void assertReport(int exitCode, String fragment, Throwable failure) {
        StringWriter err = new StringWriter();
        assertEquals(exitCode, new ErrorReport(() -> false).report(failure, new PrintWriter(err)));
        assertTrue(err.toString().contains(fragment), err.toString());
        assertEquals(1, err.toString().lines().count());
    }
}
