package ddpm.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.tensor.HostTensor;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.Devices;
import ddpm.engine.testing.OnEachDevice;
import ddpm.testing.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operation, the U-Net, Adam and sampling against PyTorch's; and no damage to the vectors goes unnoticed. */
class VerificationTest {
    private static final int WIDTH = 100;

    @OnEachDevice
    void aCompleteSetPasses(Device device) {
        Outcome run = Outcome.of(device, Golden.folder("tiny"));

        assertEquals(List.of(), run.failed(), run.text());
        assertTrue(run.ok());
        assertTrue(run.lastLine().matches("1\\d\\d checks, 0 failed"), run.lastLine());
        assertTrue(run.text().lines().allMatch(l -> l.length() <= WIDTH), run.text());
        for (String one : List.of("scheduler/lin40/step/t17/prev", "ops/linear_4d/dx", "unet_small/act/norm_out")) {
            assertTrue(run.text().contains(one), one);
        }
    }

    /** The vectors of the reference itself; its small network is too large for the repository. */
    @OnEachDevice
    void theReferencesVectorsPassAndWhatIsMissingIsNamed(Device device) {
        Outcome run = Outcome.of(device, Golden.folder("golden"));

        assertFalse(run.ok());
        assertEquals(
                List.of(
                        "unet_small_config.json",
                        "unet_small_weights.safetensors",
                        "unet_small_io.safetensors",
                        "unet_small_grads.safetensors",
                        "unet_small_adam1.safetensors",
                        "unet_small_adam2.safetensors",
                        "unet_small_adam10.safetensors"),
                run.failed());
        assertTrue(run.lastLine().endsWith("checks, 7 failed"), run.lastLine());
    }

    private static final Pattern RESULT = Pattern.compile("(?:.*/)?(?:"
            + "(?:sqrt_|one_minus_|alphas|betas|cumprod|_)+(?:f64)?|mean|prev|sigma|x0_pred" // scheduler
            + "|emb_.*|y|d(?!y$).*|attn_weights_mean" // time embedding, ops
            + "|t_emb|output|loss|losses|norm_out|conv_in|t_proj|(?:downs|mids|ups)\\.\\d" // unet_small_io
            + ")|add_noise/xt|lin40/add_noise/xt|chain/x");

    /** Every result in one run: each has a row of its own, and it fails. */
    @Test
    void everyChangedResultIsSeen(@TempDir Path folder) throws IOException {
        TinySet set = TinySet.copyTo(folder);
        Set<String> changed = new TreeSet<>();
        for (String file : List.of("scheduler", "time_embedding", "ops", "unet_small_io", "unet_full_output")) {
            set.edit(
                    file + ".safetensors",
                    all -> all.replaceAll((name, t) -> {
                        if (!RESULT.matcher(name).matches()) {
                            return t;
                        }
                        changed.add(file.replaceFirst("_(io|output)$", "") + "/" + name);
                        double[] values = t.toDoubles();
                        // the last beta is where the schedule ends: not a result
                        boolean betas = name.endsWith("betas_f64");
                        return betas
                                ? TinySet.with(t, 1.02 * values[values.length - 1])
                                : TinySet.with(t, values[values.length - 1] + 0.05);
                    }));
        }
        for (String step : List.of("1", "2", "10")) {
            set.set("unet_small_adam" + step + ".safetensors", "conv_in.bias", 1);
        }
        set.set("unet_small_grads.safetensors", "conv_in.bias", 1);
        changed.addAll(List.of("unet_small/adam1", "unet_small/adam2", "unet_small/adam10"));

        Outcome run = Outcome.of(Devices.cpu(), folder);

        Set<String> passed = new TreeSet<>(changed);
        passed.removeAll(run.failed());
        assertEquals(Set.of(), passed, run.text());
        assertTrue(changed.size() > 120, "changed " + changed.size());
        assertTrue(run.flat().contains("worst: conv_in.bias"), run.text());
    }

    private interface Edit {
        void on(TinySet set) throws IOException;
    }

    /**
     * One thing that is wrong with a set.
     *
     * @param says what the output has to hold, line breaks aside
     */
    private record Damage(String what, Edit edit, String... says) {
        @Override
        public String toString() {
            return what;
        }
    }

    static Stream<Damage> damages() {
        String ops = "ops.safetensors";
        String io = "unet_small_io.safetensors";
        String scheduler = "scheduler.safetensors";
        String nan = "holds NaN at element";
        return Stream.of(
                new Damage("changed input", s -> s.set(ops, "linear_d/x", 9), "ops/linear_d/y ", "the reference has"),
                new Damage("changed dy", s -> s.set(ops, "softmax_d/dy", 9), "ops/softmax_d/dx "),
                new Damage(
                        "changed weight",
                        s -> s.set("unet_small_weights.safetensors", "conv_out.bias", 9),
                        "unet_small/output "),
                new Damage("changed noise", s -> s.set(io, "chain/z", 9), "unet_small/chain/x "),
                new Damage(
                        "changed formula",
                        s -> s.replace("unet_full_formula.json", "\"conv_in.bias\":[", "\"conv_in.bias\":[9,"),
                        "unet_full/weights conv_in.bias"),
                new Damage(
                        "other seed",
                        s -> s.replace("unet_full_formula.json", "\"seed\":1", "\"seed\":2"),
                        "unet_full/x ",
                        "unet_full/output "),
                new Damage(
                        "renamed parameter",
                        s -> s.replace("unet_full_params.json", "t_proj.2.bias", "t_proj.3.bias"),
                        "the reference has t_proj.3.bias [16]"),
                new Damage("no dx", s -> s.remove(ops, "linear_d/dx"), "'linear_d/dx' is missing in ops.safetensors"),
                new Damage("no input", s -> s.remove(ops, "linear_d/w"), "'linear_d/w' is missing in ops.safetensors"),
                new Damage(
                        "no mean weights",
                        s -> s.remove(ops, "mha_d/attn_weights_mean"),
                        "'mha_d/attn_weights_mean' is missing"),
                new Damage(
                        "no such case",
                        s -> s.remove(ops, "silu_d/"),
                        "silu_d/dx ",
                        "is listed in README.md and missing in the file"),
                new Damage(
                        "no case at all",
                        s -> s.remove(ops, "conv1x1"),
                        "there is no case of conv1x1 in ops.safetensors"),
                new Damage(
                        "no table",
                        s -> s.remove(scheduler, "lin40/alphas_cumprod_f64"),
                        "'lin40/alphas_cumprod_f64' is missing"),
                new Damage(
                        "no betas",
                        s -> s.remove(scheduler, "betas"),
                        "'betas_f64' is missing in scheduler.safetensors"),
                new Damage("no steps", s -> s.remove(scheduler, "step/"), "there is no reverse step"),
                new Damage("no x0_pred", s -> s.remove(scheduler, "step/t0/x0_pred"), "'step/t0/x0_pred' is missing"),
                new Damage("no widths", s -> s.remove("time_embedding.safetensors", "emb_"), "there is no emb_<d>"),
                new Damage("no activation", s -> s.remove(io, "act/downs.0"), "'act/downs.0' is missing"),
                new Damage(
                        "no timesteps",
                        s -> s.edit(io, all -> all.remove("t")),
                        "'t' is missing in unet_small_io.safetensors"),
                new Damage(
                        "no gradient",
                        s -> s.remove("unet_small_grads.safetensors", "norm_out.bias"),
                        "'norm_out.bias' is missing in unet_small_grads"),
                new Damage(
                        "no weight",
                        s -> s.remove("unet_small_weights.safetensors", "norm_out.bias"),
                        "unet_small_weights.safetensors does not fit the model's 80 parameters",
                        "'norm_out.bias'"),
                new Damage(
                        "no updated weight",
                        s -> s.remove("unet_small_adam2.safetensors", "norm_out.bias"),
                        "'norm_out.bias' is missing in unet_small_adam2"),
                new Damage(
                        "no fact",
                        s -> s.replace("unet_full_formula.json", "\"std\"", "\"st\""),
                        "'std' is missing in unet_full_formula.json, output"),
                new Damage(
                        "unknown case",
                        s -> s.edit(ops, all -> all.put("gelu_a/x", all.get("silu/x"))),
                        "1 tensors that no check covers: gelu_a/x"),
                new Damage(
                        "extra in a case",
                        s -> s.edit(ops, all -> all.put("silu/dz", all.get("silu/x"))),
                        "no check covers: silu/dz"),
                new Damage(
                        "extra table",
                        s -> s.edit(scheduler, all -> all.put("snr", all.get("betas"))),
                        "no check covers: snr"),
                new Damage(
                        "extra activation",
                        s -> s.edit(io, all -> all.put("act/downs.7", all.get("x"))),
                        "no check covers: act/downs.7"),
                new Damage(
                        "extra gradient",
                        s -> s.edit("unet_small_grads.safetensors", all -> all.put("w", all.get("norm_out.bias"))),
                        "no check covers: w"),
                new Damage(
                        "extra file",
                        s -> Files.copy(s.file(io), s.file("more.safetensors")),
                        "more.safetensors",
                        "no check covers: x, t, target"),
                new Damage(
                        "NaN in a result",
                        s -> s.set(ops, "silu_d/y", Double.NaN),
                        "ops/silu_d/y ",
                        "'silu_d/y' " + nan),
                new Damage(
                        "NaN in an input",
                        s -> s.set(ops, "mse_loss_d/x", Double.NaN),
                        "ops/mse_loss_d/y ",
                        "'mse_loss_d/x' " + nan),
                new Damage("NaN in the output", s -> s.set(io, "output", Double.NaN), "unet_small/output ", nan),
                new Damage(
                        "NaN in a weight",
                        s -> s.set("unet_small_weights.safetensors", "norm_out.bias", Double.NaN),
                        "'norm_out.bias' " + nan),
                new Damage(
                        "NaN after Adam",
                        s -> s.set("unet_small_adam1.safetensors", "norm_out.bias", Double.NaN),
                        "unet_small/adam1 ",
                        nan),
                new Damage(
                        "infinite gradient",
                        s -> s.set("unet_small_grads.safetensors", "norm_out.bias", Double.POSITIVE_INFINITY),
                        "holds Infinity at element 15"),
                new Damage(
                        "other shape",
                        s -> s.edit(ops, all -> all.put("linear_d/dw", all.get("linear_d/x"))),
                        "shape [3,4] is not that of the result, [5,4]"),
                new Damage(
                        "other dy",
                        s -> s.edit(ops, all -> all.put("silu_d/dy", all.get("silu/dy"))),
                        "does not fit the result"),
                new Damage(
                        "integers",
                        s -> s.edit(ops, all -> all.put("silu/y", HostTensor.i64(new long[] {9}, new long[9]))),
                        "ops/silu/y ",
                        "is I64, needed are floating-point numbers"),
                new Damage(
                        "t beyond T",
                        s -> s.set(scheduler, "lin40/add_noise/t", 40),
                        "holds timestep 40 at element 3; needed is 0 to 39"),
                new Damage("negative t", s -> s.set(io, "t", -1), "holds timestep -1 at element 1"),
                new Damage("cut short", s -> s.cut(ops, 30_000), "ops.safetensors", "copy"),
                new Damage("empty", s -> s.cut("unet_small_io.safetensors", 0), "has 0 bytes"),
                new Damage(
                        "no JSON", s -> s.cut("unet_small_config.json", 40), "unet_small_config.json", "is not JSON"),
                new Damage(
                        "empty JSON",
                        s -> s.cut("unet_full_formula.json", 0),
                        "unet_full_formula.json",
                        "is not a JSON object"),
                new Damage(
                        "other config",
                        s -> s.replace("unet_small_config.json", "\"time_emb_dim\": 8", "\"time_emb_dim\": 16"),
                        "unet_small_weights.safetensors does not fit",
                        "'t_proj.0.weight' is [8, 8], the model has [16, 16]"),
                new Damage(
                        "impossible config",
                        s -> s.replace("unet_small_config.json", "\"time_emb_dim\": 8", "\"time_emb_dim\": 7"),
                        "model.time_emb_dim: must be even"));
    }

    @ParameterizedTest
    @MethodSource("damages")
    void damageIsNamed(Damage damage, @TempDir Path folder) throws IOException {
        damage.edit().on(TinySet.copyTo(folder));

        Outcome run = Outcome.of(Devices.cpu(), folder);

        assertFalse(run.ok(), run.text());
        assertFalse(run.lastLine().endsWith(" 0 failed"), run.lastLine());
        for (String part : damage.says()) {
            assertTrue(run.flat().contains(part), part + " in\n" + run.text());
        }
        assertTrue(run.failed().stream().anyMatch(f -> run.flat().contains(f)), run.text());
        assertTrue(run.text().lines().allMatch(l -> l.length() <= WIDTH), run.text());
    }

    @ParameterizedTest
    @MethodSource("documentedFiles")
    void missingFileIsNamed(String file, @TempDir Path folder) throws IOException {
        TinySet.copyTo(folder);
        Files.delete(folder.resolve(file));

        Outcome run = Outcome.of(Devices.cpu(), folder);

        // one failure, not one for all that hangs on the file
        assertEquals(List.of(file), run.failed(), run.text());
        assertTrue(run.flat().contains("there is no such file in"), run.text());
    }

    static Stream<String> documentedFiles() {
        return Stream.of(
                "scheduler.safetensors",
                "time_embedding.safetensors",
                "ops.safetensors",
                "unet_small_config.json",
                "unet_small_weights.safetensors",
                "unet_small_io.safetensors",
                "unet_small_grads.safetensors",
                "unet_small_adam1.safetensors",
                "unet_small_adam2.safetensors",
                "unet_small_adam10.safetensors",
                "unet_full_params.json",
                "unet_full_formula.json",
                "unet_full_output.safetensors");
    }
}
