package ddpm.verify.samplers;

import com.fasterxml.jackson.databind.JsonNode;
import ddpm.diffusion.Prediction;
import ddpm.diffusion.Schedule;
import ddpm.diffusion.Variance;
import ddpm.diffusion.prediction.EdmPreconditioning;
import ddpm.diffusion.prediction.Eps;
import ddpm.diffusion.prediction.V;
import ddpm.diffusion.prediction.Velocity;
import ddpm.diffusion.prediction.X0;
import ddpm.diffusion.schedule.BetaSchedule;
import ddpm.diffusion.schedule.Edm;
import ddpm.diffusion.schedule.Flow;
import ddpm.diffusion.solver.Clip;
import ddpm.diffusion.solver.Course;
import ddpm.diffusion.solver.Ddim;
import ddpm.diffusion.solver.Ddpm;
import ddpm.diffusion.solver.DpmPlusPlus2M;
import ddpm.diffusion.solver.DpmPlusPlus2S;
import ddpm.diffusion.solver.DpmPlusPlus2SAncestral;
import ddpm.diffusion.solver.Euler;
import ddpm.diffusion.solver.EulerAncestral;
import ddpm.diffusion.solver.Heun;
import ddpm.diffusion.solver.Plan;
import ddpm.diffusion.solver.Pndm;
import ddpm.diffusion.solver.Solver;
import ddpm.diffusion.solver.Spacing;
import ddpm.diffusion.solver.UniPc;
import ddpm.verify.given.VectorSchedules;
import ddpm.verify.report.VectorException;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.DoubleUnaryOperator;

/** One chain of samplers.json: which solver, over which levels, and how the reference's options are called here. */
final class SamplerCase {
    /** Levels of an EDM schedule: the reference asks for n of its grid, which are exact for any number of levels. */
    private static final int EDM_LEVELS = 1000;

    private static final int LAST_OF_EDM = EDM_LEVELS - 1;

    private static final Map<String, BiFunction<SamplerCase, Options, Plan>> SAMPLERS = Map.ofEntries(
            Map.entry("DDPM", SamplerCase::ddpm),
            Map.entry("DDIM", SamplerCase::ddim),
            Map.entry("DPM multistep", SamplerCase::dpmMultistep),
            Map.entry("DPM singlestep", SamplerCase::dpmSinglestep),
            Map.entry("UniPC", SamplerCase::uniPc),
            Map.entry("PNDM", SamplerCase::pndm),
            Map.entry("Euler", (c, o) -> c.sigmas(o, new Euler())),
            Map.entry("Euler ancestral", (c, o) -> c.sigmas(o, new EulerAncestral(1))),
            Map.entry("Heun", (c, o) -> c.sigmas(o, Heun.deterministic())),
            Map.entry("EDM Heun", SamplerCase::edmHeun),
            Map.entry("flow Euler", (c, o) -> c.flow(o, new Euler())),
            Map.entry("flow Heun", (c, o) -> c.flow(o, Heun.deterministic())),
            Map.entry("k dpmpp_2m_sde", SamplerCase::kMultistep),
            Map.entry("k dpmpp_2s_ancestral", SamplerCase::kSinglestep));

    private final JsonNode facts;
    private final String id;
    private final int steps;
    private double noiseScale = 1;

    SamplerCase(JsonNode facts) {
        this.facts = facts;
        this.id = facts.path("id").asText();
        this.steps = facts.path("steps").asInt();
        if (steps < 1) {
            throw new VectorException("'" + id + "' names no number of steps");
        }
    }

    String id() {
        return id;
    }

    JsonNode facts() {
        return facts;
    }

    /** Factor that the case has on all noise. */
    double noiseScale() {
        return noiseScale;
    }

    /** Where nothing of the image is left, samplers that compute in sigma have a little. */
    double[] alphasCumprod() {
        BetaSchedule schedule = betas();
        boolean inSigma = !facts.path("sampler").asText().matches("DDPM|DDIM");
        double[] table = new double[schedule.timesteps()];
        for (int t = 0; t < table.length; t++) {
            double sigma = schedule.sigma(t);
            boolean lost = inSigma && schedule.alphaCumprod(t) == 0;
            table[t] = lost ? 1 / (1 + sigma * sigma) : schedule.alphaCumprod(t);
        }
        return table;
    }

    Plan plan() {
        String sampler = facts.path("sampler").asText();
        BiFunction<SamplerCase, Options, Plan> make = SAMPLERS.get(sampler);
        if (make == null) {
            throw new VectorException("there is no sampler \"" + sampler + "\" here");
        }
        Options options = new Options(facts);
        Plan plan = make.apply(this, options);
        options.requireAllUsed();
        return plan;
    }

    private BetaSchedule betas() {
        return VectorSchedules.of(facts.path("schedule"));
    }

    private Prediction prediction() {
        String name = facts.path("prediction").asText();
        return switch (name) {
            case "eps" -> new Eps();
            case "x0" -> new X0();
            case "v" -> new V();
            case "flow" -> new Velocity();
            default -> throw new VectorException("prediction \"" + name + "\" is not known here");
        };
    }

    private static Clip clip(Options o) {
        double range = o.number("clip_sample_range", 1);
        boolean clips = o.flag("clip_sample", false);
        boolean thresholds = o.flag("thresholding", false);
        double ratio = o.number("dynamic_thresholding_ratio", 0.995);
        double most = o.number("sample_max_value", 1);
        return thresholds ? new Clip(most, ratio) : clips ? new Clip(range, 0) : Clip.NONE;
    }

    private double[] times(Options o, Schedule schedule, String spacing, boolean whole) {
        double[] times = Spacing.of(o.text("timestep_spacing", spacing)).times(schedule, steps, whole);
        double offset = o.number("steps_offset", 0);
        if (offset != 0 && o.text("timestep_spacing", spacing).equals("leading")) {
            for (int i = 0; i < times.length; i++) {
                times[i] += offset;
            }
        }
        return times;
    }

    private Plan ddpm(Options o) {
        BetaSchedule schedule = betas();
        Variance variance =
                Variance.valueOf(o.text("variance_type", "fixed_small").toUpperCase(Locale.ROOT));
        Course course = Course.over(schedule, prediction(), wholeLeading(o, schedule, "leading"))
                .with(clip(o))
                .with(variance);
        return new Ddpm().plan(course);
    }

    /** {@code leading} of the reference is in whole strides: i * floor(T / n). */
    private double[] wholeLeading(Options o, BetaSchedule schedule, String standard) {
        if (!o.text("timestep_spacing", standard).equals("leading")) {
            return times(o, schedule, standard, true);
        }
        double offset = o.number("steps_offset", 0);
        int stride = schedule.timesteps() / steps;
        double[] times = new double[steps];
        for (int i = 0; i < steps; i++) {
            times[i] = (double) (steps - 1 - i) * stride + offset;
        }
        return times;
    }

    private Plan ddim(Options o) {
        BetaSchedule schedule = betas();
        double eta = o.number("eta", 0);
        Course course = Course.over(schedule, prediction(), wholeLeading(o, schedule, "leading"))
                .with(clip(o));
        boolean toImage = o.flag("set_alpha_to_one", true);
        return new Ddim(eta, o.flag("use_clipped_model_output", false)).plan(toImage ? course : course.endingAtFirst());
    }

    /** Where levels are n of n + 1, since the last step goes to the image. */
    private Course dpmCourse(Options o) {
        BetaSchedule schedule = betas();
        int all = schedule.timesteps();
        Course course;
        if (o.flag("use_karras_sigmas", false)) {
            course = Course.overSigmas(schedule, prediction(), Spacing.karras(schedule, steps), true);
        } else {
            String spacing = o.text("timestep_spacing", "linspace");
            double offset = o.number("steps_offset", 0);
            double[] times = new double[steps];
            for (int i = 0; i < steps; i++) {
                times[i] = switch (spacing) {
                    case "linspace" -> Math.rint((all - 1.0) * (steps - i) / steps);
                    case "leading" -> (double) (steps - i) * (all / (steps + 1)) + offset;
                    case "trailing" -> Math.rint(all - (double) i * all / steps) - 1;
                    default -> throw new VectorException("timestep_spacing " + spacing + " is not known here");
                };
            }
            course = Course.over(schedule, prediction(), times);
        }
        return ending(o, course).with(clip(o));
    }

    private static Course ending(Options o, Course course) {
        String end = o.text("final_sigmas_type", "zero");
        return switch (end) {
            case "zero" -> course;
            case "sigma_min" -> course.endingAtFirst();
            default -> throw new VectorException("final_sigmas_type " + end + " is not known here");
        };
    }

    private Plan dpmMultistep(Options o) {
        o.require("solver_order", "2");
        String algorithm = o.text("algorithm_type", "dpmsolver++");
        if (!algorithm.equals("dpmsolver++") && !algorithm.equals("sde-dpmsolver++")) {
            throw new VectorException("algorithm_type " + algorithm + " is not known here");
        }
        boolean heun = heun(o);
        boolean lower = o.flag("lower_order_final", true);
        return new DpmPlusPlus2M(algorithm.startsWith("sde") ? 1 : 0, heun, lower).plan(dpmCourse(o));
    }

    private static boolean heun(Options o) {
        String type = o.text("solver_type", "midpoint");
        if (!type.equals("midpoint") && !type.equals("heun")) {
            throw new VectorException("solver_type " + type + " is not known here");
        }
        return type.equals("heun");
    }

    private Plan dpmSinglestep(Options o) {
        o.require("solver_order", "2");
        o.require("algorithm_type", "dpmsolver++");
        o.flag(
                "lower_order_final",
                true); // whether a single step is left for the end; with the image there it always is
        return new DpmPlusPlus2S(heun(o)).plan(dpmCourse(o));
    }

    private Plan uniPc(Options o) {
        o.require("solver_order", "2");
        o.require("solver_type", "bh2");
        o.require("predict_x0", "true");
        o.require("lower_order_final", "true");
        return new UniPc().plan(dpmCourse(o));
    }

    private Plan pndm(Options o) {
        BetaSchedule schedule = betas();
        boolean skip = o.flag("skip_prk_steps", false);
        Course course = Course.over(schedule, prediction(), wholeLeading(o, schedule, "leading"));
        return new Pndm(!skip, true).plan(o.flag("set_alpha_to_one", false) ? course : course.endingAtFirst());
    }

    private Plan sigmas(Options o, Solver solver) {
        BetaSchedule schedule = betas();
        Course course = o.flag("use_karras_sigmas", false)
                ? Course.overSigmas(schedule, prediction(), Spacing.karras(schedule, steps), false)
                : Course.over(schedule, prediction(), sigmaTimes(o, schedule));
        return solver.plan(ending(o, course));
    }

    private double[] sigmaTimes(Options o, BetaSchedule schedule) {
        return switch (o.text("timestep_spacing", "linspace")) {
            case "leading" -> wholeLeading(o, schedule, "leading");
            case "trailing" -> times(o, schedule, "trailing", true);
            default -> times(o, schedule, "linspace", false);
        };
    }

    private Plan edmHeun(Options o) {
        Prediction prediction = new EdmPreconditioning(o.number("sigma_data", 0.5));
        Schedule schedule = new Timed(edm(o), sigma -> Math.log(sigma) / 4 + 3);
        Heun heun = new Heun(
                o.number("S_churn", 0),
                o.number("S_min", 0),
                o.number("S_max", Double.POSITIVE_INFINITY),
                o.number("S_noise", 1));
        return heun.plan(Course.over(schedule, prediction, grid(schedule)));
    }

    private static Edm edm(Options o) {
        return new Edm(EDM_LEVELS, o.number("sigma_min", 0), o.number("sigma_max", 0), o.number("rho", 7));
    }

    private double[] grid(Schedule schedule) {
        return Spacing.LINSPACE.times(schedule, steps, false);
    }

    private Plan flow(Options o, Solver solver) {
        Flow schedule = new Flow(facts.path("T").asInt(LAST_OF_EDM + 1), o.number("shift", 1));
        return solver.plan(Course.over(schedule, prediction(), grid(schedule)));
    }

    /** The k samplers' denoiser D(x, sigma) = m(x / (1 + sigma^2), 10 sigma). */
    private Course denoised(Options o) {
        Schedule schedule = new Timed(edm(o), sigma -> 10 * sigma);
        Prediction prediction = (signal, noise) -> new Prediction.Coefficients(0, 1, 1, 0, 1 / (1 + noise * noise));
        noiseScale = o.number("s_noise", 1);
        return Course.over(schedule, prediction, grid(schedule));
    }

    private Plan kMultistep(Options o) {
        return new DpmPlusPlus2M(o.number("eta", 1), heun(o), false).plan(denoised(o));
    }

    private Plan kSinglestep(Options o) {
        return new DpmPlusPlus2SAncestral(o.number("eta", 1)).plan(denoised(o));
    }

    /** A schedule whose network is given another number for its level. */
    private record Timed(Schedule schedule, DoubleUnaryOperator timeOfSigma) implements Schedule {
        @Override
        public int timesteps() {
            return schedule.timesteps();
        }

        @Override
        public double signal(double t) {
            return schedule.signal(t);
        }

        @Override
        public double noise(double t) {
            return schedule.noise(t);
        }

        @Override
        public double time(double t) {
            return timeOfSigma.applyAsDouble(schedule.noise(t));
        }

        @Override
        public double atSigma(double sigma) {
            return schedule.atSigma(sigma);
        }
    }
}
