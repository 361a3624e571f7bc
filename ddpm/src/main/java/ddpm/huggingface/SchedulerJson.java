package ddpm.huggingface;

import static ddpm.config.Named.named;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import ddpm.UserError;
import ddpm.config.Named;
import ddpm.config.Problems;
import ddpm.diffusion.ObjectiveConfig;
import ddpm.diffusion.Prediction;
import ddpm.diffusion.Variance;
import ddpm.diffusion.prediction.Eps;
import ddpm.diffusion.prediction.V;
import ddpm.diffusion.prediction.X0;
import ddpm.diffusion.schedule.Cosine;
import ddpm.diffusion.schedule.Linear;
import ddpm.diffusion.schedule.ScaledLinear;
import ddpm.diffusion.schedule.ScheduleConfig;
import ddpm.diffusion.schedule.Sigmoid;
import ddpm.train.settings.SampleConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** scheduler_config.json of diffusers: its settings as ours and ours as its. */
public final class SchedulerJson {
    /** Steps of diffusers' pipelines, which a scheduler's settings say nothing of. */
    private static final int PIPELINE_STEPS = 50;

    private static final double MAX_BETA = 0.999;

    /**
     * A class of schedulers.
     *
     * @param sampler ours
     * @param spacing of its steps where its settings name none
     * @param clips whether it clips where its settings do not say
     * @param betaStart, betaEnd where its settings name none
     */
    private record Kind(String sampler, String spacing, boolean clips, double betaStart, double betaEnd) {}

    private static final List<Named<Kind>> KINDS = List.of(
            kind("DDPMScheduler", "ddpm", "leading", true),
            kind("DDIMScheduler", "ddim", "leading", true),
            kind("PNDMScheduler", "pndm", "leading", false),
            kind("DPMSolverMultistepScheduler", "dpmpp_2m", "linspace", false),
            kind("DPMSolverSinglestepScheduler", "dpmpp_2s", "linspace", false),
            kind("UniPCMultistepScheduler", "unipc", "linspace", false),
            kind("EulerDiscreteScheduler", "euler", "linspace", false),
            kind("EulerAncestralDiscreteScheduler", "euler_ancestral", "linspace", false),
            named("HeunDiscreteScheduler", "heun", new Kind("heun", "linspace", false, 0.00085, 0.012)));

    private static Named<Kind> kind(String name, String sampler, String spacing, boolean clips) {
        return named(name, sampler, new Kind(sampler, spacing, clips, 1e-4, 0.02));
    }

    private static final List<Named<Prediction>> PREDICTIONS = List.of(
            named("epsilon", "eps", new Eps()), named("sample", "x0", new X0()), named("v_prediction", "v", new V()));

    private SchedulerJson() {}

    /**
     * What a scheduler_config.json says.
     *
     * @param file for messages
     * @throws UserError naming the class where there is no such sampler here, and each setting that would draw other images
     */
    public static Scheduling read(String file, JsonNode json) {
        Kind kind = of(KINDS, file, "scheduler", json.path("_class_name").asText("none"));
        Settings s = new Settings(file, json);
        List<String> notes = new ArrayList<>();
        requireOurs(s, kind, notes);
        ScheduleConfig diffusion = schedule(file, s, kind);
        Prediction prediction = of(PREDICTIONS, file, "prediction_type", s.text("prediction_type", "epsilon"));
        String variance = kind.sampler().equals("ddpm") ? s.text("variance_type", "fixed_small") : "fixed_small";
        if (!Variance.names().contains(variance)) {
            throw new UserError(file + ": variance_type=" + variance + " is not known here; known are "
                    + Problems.list(Variance.names(), "and"));
        }
        SampleConfig sample = sampling(s, kind, diffusion);
        s.requireAllUnderstood();
        Problems problems = new Problems();
        diffusion.check(problems);
        sample.check(problems);
        problems.throwIfAny(key -> " (from " + file + ")");
        return new Scheduling(diffusion, Scheduling.objective(prediction, variance), sample, notes);
    }

    private static <T> T of(List<Named<T>> known, String file, String what, String name) {
        return known.stream()
                .filter(k -> k.name().equals(name))
                .map(Named::value)
                .findFirst()
                .orElseThrow(() -> new UserError(file + ": the " + what + " " + name + " is not known here; known are "
                        + Problems.list(Named.names(known), "and")));
    }

    private static ScheduleConfig schedule(String file, Settings s, Kind kind) {
        int timesteps = s.integer("num_train_timesteps", 1000);
        double start = s.number("beta_start", kind.betaStart());
        double end = s.number("beta_end", kind.betaEnd());
        boolean zeroSnr = s.flag("rescale_betas_zero_snr", false);
        String name = s.text("beta_schedule", "linear");
        return switch (name) {
            case "linear" -> new Linear(timesteps, start, end, zeroSnr);
            case "scaled_linear" -> new ScaledLinear(timesteps, start, end, zeroSnr);
            case "squaredcos_cap_v2" -> new Cosine(timesteps, MAX_BETA, zeroSnr);
            case "sigmoid" -> new Sigmoid(timesteps, start, end, zeroSnr);
            default -> throw new UserError(file + ": beta_schedule=" + name + " is not known here; known are linear,"
                    + " scaled_linear, squaredcos_cap_v2 and sigmoid");
        };
    }

    private static SampleConfig sampling(Settings s, Kind kind, ScheduleConfig diffusion) {
        boolean karras = s.flag("use_karras_sigmas", false);
        String spacing = s.text("timestep_spacing", kind.spacing());
        double quantile = s.number("dynamic_thresholding_ratio", 0.995);
        String sampler = kind.sampler();
        if (sampler.equals("pndm") && s.flag("skip_prk_steps", false)) {
            sampler = "plms";
        }
        if (sampler.equals("dpmpp_2m")
                && s.text("algorithm_type", "dpmsolver++").startsWith("sde")) {
            sampler = "dpmpp_2m_sde";
        }
        return new SampleConfig(
                sampler,
                sampler.equals("ddpm") ? diffusion.timesteps() : Math.min(PIPELINE_STEPS, diffusion.timesteps()),
                sampler.equals("ddim") ? 0 : 1,
                0,
                karras ? "karras" : spacing,
                s.flag("clip_sample", kind.clips()),
                s.flag("thresholding", false) ? quantile : 0,
                SampleConfig.standard().count());
    }

    /** What would draw other images than our samplers do is refused; what moves a step a little is noted. */
    private static void requireOurs(Settings s, Kind kind, List<String> notes) {
        s.require("trained_betas", "null");
        s.require("clip_sample_range", "1", "1.0");
        s.require("sample_max_value", "1", "1.0");
        s.require("final_sigmas_type", "zero");
        s.require("interpolation_type", "linear");
        s.require("timestep_type", "discrete");
        s.require("solver_order", "2");
        s.require("predict_x0", "true");
        s.require("solver_type", kind.sampler().equals("unipc") ? "bh2" : "midpoint");
        s.require("lambda_min_clipped", "-Infinity");
        boolean multistep = kind.sampler().equals("dpmpp_2m");
        s.require(
                "algorithm_type",
                multistep ? new String[] {"dpmsolver++", "sde-dpmsolver++"} : new String[] {"dpmsolver++"});
        for (String key : List.of(
                "use_exponential_sigmas", "use_beta_sigmas", "use_lu_lambdas", "use_flow_sigmas", "euler_at_final")) {
            s.require(key, "false");
        }
        s.require("disable_corrector", ""); // an empty list
        for (String key : List.of("sigma_min", "sigma_max", "solver_p")) {
            s.require(key, "null");
        }
        if (!kind.sampler().equals("ddpm")) {
            s.require("variance_type", "null");
        }
        s.ignore("flow_shift", "use_dynamic_shifting", "time_shift_type", "lower_order_final", "skip_prk_steps");
        if (s.integer("steps_offset", 0) != 0) {
            notes.add("steps_offset is not taken over: steps are visited without it");
        }
        if (!s.flag("set_alpha_to_one", true)) {
            notes.add("set_alpha_to_one=false is not taken over: the last step ends at the image");
        }
    }

    /** A scheduler that draws as the settings say, so far as diffusers has one; empty where it has none for the schedule or sampler. */
    public static Optional<ObjectNode> write(ScheduleConfig diffusion, ObjectiveConfig objective, SampleConfig sample) {
        Optional<Named<Kind>> kind = KINDS.stream()
                .filter(k -> k.value().sampler().equals(base(sample.sampler())))
                .findFirst();
        Optional<Named<Prediction>> prediction = PREDICTIONS.stream()
                .filter(p -> p.value().equals(objective.prediction()))
                .findFirst();
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        if (kind.isEmpty() || prediction.isEmpty() || !schedule(json, diffusion)) {
            return Optional.empty();
        }
        json.put("_class_name", kind.get().name());
        json.put("_diffusers_version", UNet2DJson.VERSION);
        json.put("prediction_type", prediction.get().name());
        json.putNull("trained_betas");
        json.put("steps_offset", 0);
        boolean karras = sample.spacing().equals("karras");
        json.put("timestep_spacing", karras ? kind.get().value().spacing() : sample.spacing());
        ofSampler(json, objective, sample, karras);
        return Optional.of(json);
    }

    /** The sampler that diffusers has in another setting of the same class. */
    private static String base(String sampler) {
        return sampler.equals("plms") ? "pndm" : sampler.equals("dpmpp_2m_sde") ? "dpmpp_2m" : sampler;
    }

    private static void ofSampler(ObjectNode json, ObjectiveConfig objective, SampleConfig sample, boolean karras) {
        String sampler = sample.sampler();
        switch (base(sampler)) {
            case "ddpm", "ddim" -> {
                json.put("clip_sample", sample.clipX0() && sample.threshold() == 0);
                json.put("clip_sample_range", 1.0);
                json.put("thresholding", sample.threshold() > 0);
                json.put("dynamic_thresholding_ratio", sample.threshold() > 0 ? sample.threshold() : 0.995);
                json.put("sample_max_value", 1.0);
                if (sampler.equals("ddpm")) {
                    json.put("variance_type", objective.variance());
                } else {
                    json.put("set_alpha_to_one", true);
                }
            }
            case "pndm" -> {
                json.put("skip_prk_steps", sampler.equals("plms"));
                json.put("set_alpha_to_one", true);
            }
            case "dpmpp_2m", "dpmpp_2s" -> {
                json.put("algorithm_type", sampler.endsWith("sde") ? "sde-dpmsolver++" : "dpmsolver++");
                json.put("solver_order", 2);
                json.put("solver_type", "midpoint");
                json.put("use_karras_sigmas", karras);
            }
            case "unipc" -> {
                json.put("solver_order", 2);
                json.put("solver_type", "bh2");
                json.put("use_karras_sigmas", karras);
            }
            default -> json.put("use_karras_sigmas", karras);
        }
    }

    /** Whether diffusers has the schedule; then its settings are in {@code json}. */
    private static boolean schedule(ObjectNode json, ScheduleConfig diffusion) {
        json.put("num_train_timesteps", diffusion.timesteps());
        if (diffusion instanceof Linear l) {
            return schedule(json, "linear", l.betaStart(), l.betaEnd(), l.zeroSnr());
        } else if (diffusion instanceof ScaledLinear l) {
            return schedule(json, "scaled_linear", l.betaStart(), l.betaEnd(), l.zeroSnr());
        } else if (diffusion instanceof Sigmoid g) {
            return schedule(json, "sigmoid", g.betaStart(), g.betaEnd(), g.zeroSnr());
        }
        return diffusion instanceof Cosine c
                && c.maxBeta() == MAX_BETA
                && schedule(json, "squaredcos_cap_v2", 1e-4, 0.02, c.zeroSnr());
    }

    private static boolean schedule(ObjectNode json, String name, double start, double end, boolean zeroSnr) {
        json.put("beta_schedule", name);
        json.put("beta_start", start);
        json.put("beta_end", end);
        json.put("rescale_betas_zero_snr", zeroSnr);
        return true;
    }
}
