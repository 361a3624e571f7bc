package ddpm.verify.samplers;

import ddpm.diffusion.TrainingTable;
import ddpm.diffusion.prediction.Eps;
import ddpm.diffusion.schedule.BetaSchedule;
import ddpm.diffusion.schedule.Linear;
import ddpm.diffusion.solver.Clip;
import ddpm.diffusion.times.Uniform;
import ddpm.diffusion.weighting.Simple;
import ddpm.engine.backend.Backend;
import ddpm.engine.ops.QSample;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.verify.given.GivenNoise;
import ddpm.verify.given.Steps;
import ddpm.verify.report.Check;
import ddpm.verify.report.Report;
import ddpm.verify.report.Tolerance;
import ddpm.verify.report.VectorException;
import ddpm.verify.vectors.Expected;
import ddpm.verify.vectors.FileLayout;
import ddpm.verify.vectors.VectorFile;
import ddpm.verify.vectors.VectorFolder;
import java.util.List;
import java.util.TreeSet;
import java.util.function.IntToDoubleFunction;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** scheduler.safetensors: the tables of each schedule, adding noise, single reverse steps. */
public final class SchedulerSuite {
    private static final String FILE = "scheduler" + VectorFolder.SUFFIX;
    private static final String LABEL = "scheduler/";

    /** The unprefixed schedule and {@code lin<T>/}. */
    private static final Pattern PREFIX = Pattern.compile("^(lin\\d+/)");

    private static final List<String> TABLES =
            List.of("betas", "alphas", "alphas_cumprod", "sqrt_alphas_cumprod", "sqrt_one_minus_alphas_cumprod");

    private final VectorFolder folder;
    private final Backend backend;
    private final Report report;

    public SchedulerSuite(VectorFolder folder, Backend backend, Report report) {
        this.folder = folder;
        this.backend = backend;
        this.report = report;
    }

    public void run() {
        folder.file(FILE).ifPresent(file -> {
            schedule(file, "");
            matches(file, PREFIX).forEach(prefix -> schedule(file, prefix));
        });
    }

    private static TreeSet<String> matches(VectorFile file, Pattern pattern) {
        TreeSet<String> found = new TreeSet<>();
        file.names()
                .forEach(n ->
                        pattern.matcher(n).results().map(MatchResult::group).forEach(found::add));
        return found;
    }

    private void schedule(VectorFile file, String prefix) {
        boolean known = report.attempt(LABEL + prefix + TABLES.get(0), () -> {
            BetaSchedule schedule = of(file, prefix);
            tables(file, prefix, schedule);
            // a further schedule may come as tables alone
            if (prefix.isEmpty() || hasAny(file, prefix + "add_noise/")) {
                attempt(file, prefix + "add_noise/", () -> addNoise(file, prefix + "add_noise/", schedule));
            }
            steps(file, prefix, schedule);
        });
        if (!known) {
            file.coverAll(prefix);
        }
    }

    private static boolean hasAny(VectorFile file, String prefix) {
        return file.names().stream().anyMatch(n -> n.startsWith(prefix));
    }

    /** A case; what it leaves undone when it fails is spoken for by the failure. */
    private void attempt(VectorFile file, String prefix, Runnable body) {
        if (!report.attempt(LABEL + prefix, body)) {
            file.coverAll(prefix);
        }
    }

    /** The linear schedule of as many steps, from the first beta to the last. */
    private static BetaSchedule of(VectorFile file, String prefix) {
        double[] betas = file.get(prefix + "betas_f64", 1).toDoubles();
        if (betas.length == 0 || !prefix.isEmpty() && !prefix.equals("lin" + betas.length + "/")) {
            throw new VectorException(
                    "'" + prefix + "betas_f64' has " + betas.length + " steps; the name says otherwise");
        }
        return new Linear(betas.length, betas[0], betas[betas.length - 1], false).schedule();
    }

    private void tables(VectorFile file, String prefix, BetaSchedule s) {
        Expected expected = new Expected(file, LABEL, report);
        List<IntToDoubleFunction> ours = List.of(s::beta, s::alpha, s::alphaCumprod, t -> s.signal(t), t -> s.noise(t));
        for (int i = 0; i < ours.size(); i++) {
            double[] got = new double[s.timesteps()];
            for (int t = 0; t < got.length; t++) {
                got[t] = ours.get(i).applyAsDouble(t);
            }
            String table = TABLES.get(i);
            Tolerance tolerance = table.startsWith("sqrt_one_minus") ? Tolerance.SQRT_ONE_MINUS_TABLE : Tolerance.TABLE;
            expected.compare(prefix + table, new long[] {got.length}, got, tolerance);
            expected.compare(prefix + table + "_f64", new long[] {got.length}, got, tolerance);
        }
    }

    private void addNoise(VectorFile file, String at, BetaSchedule schedule) {
        try (Scope scope = Scope.on(backend)) {
            Tensor x0 = FileLayout.IMAGE.tensor(scope, file.get(at + "x0"));
            Tensor noise = FileLayout.IMAGE.tensor(scope, file.get(at + "noise"));
            int[] t = file.timesteps(at + "t", schedule.timesteps());
            Tensor xt =
                    new QSample(table(schedule).tensor(scope)).apply(x0, scope.tensor(Shape.of(t.length), t), noise);
            new Expected(file, LABEL, report).compare(at + "xt", FileLayout.IMAGE, xt, Tolerance.DIFFUSION_STEP);
        }
    }

    private static TrainingTable table(BetaSchedule schedule) {
        return TrainingTable.of(schedule, new Eps(), new Simple(), new Uniform());
    }

    private void steps(VectorFile file, String prefix, BetaSchedule schedule) {
        TreeSet<String> groups = matches(file, Pattern.compile("^" + prefix + "step/t\\d+/"));
        if (prefix.isEmpty() && groups.isEmpty()) {
            report.add(Check.failed(LABEL + "step/", "there is no reverse step in " + FILE));
        }
        for (String at : groups) {
            attempt(file, at, () -> step(file, at, schedule));
        }
    }

    private void step(VectorFile file, String at, BetaSchedule schedule) {
        int end = schedule.timesteps();
        String number = at.substring(at.lastIndexOf("/t") + 2, at.length() - 1);
        if (number.length() > 9 || Integer.parseInt(number) >= end) {
            throw new VectorException("t=" + number + " is beyond the schedule, which has 0 to " + (end - 1));
        }
        int t = Integer.parseInt(number);
        HostTensor z = file.get(at + "z");
        try (Scope scope = Scope.on(backend)) {
            Tensor xt = FileLayout.IMAGE.tensor(scope, file.get(at + "xt"));
            Tensor eps = FileLayout.IMAGE.tensor(scope, file.get(at + "noise_pred"));
            Tensor noise = FileLayout.IMAGE.tensor(scope, z);
            Expected expected = new Expected(file, LABEL, report);
            GivenNoise step = new GivenNoise(Steps.ddpm(schedule, t, Clip.NONE));
            Tensor mean = step.mean(xt, eps);
            expected.compare(at + "sigma", new long[0], new double[] {step.sd()}, Tolerance.DIFFUSION_STEP);
            expected.compare(at + "mean", FileLayout.IMAGE, mean, Tolerance.DIFFUSION_STEP);
            expected.compare(at + "prev", FileLayout.IMAGE, step.add(mean, noise), Tolerance.DIFFUSION_STEP);
            // the estimate of the image is clamped where the sampler clips; what it does then to prev is not in the
            // file
            Tensor x0 = new GivenNoise(Steps.ddpm(schedule, t, Clip.TO_IMAGE)).estimate(xt, eps);
            Tolerance divided = Tolerance.dividedBy(schedule.signal(t));
            expected.compare(at + "x0_pred", FileLayout.IMAGE, x0, divided);
        }
    }
}
