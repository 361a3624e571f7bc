package ddpm.huggingface;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import ddpm.UserError;
import ddpm.diffusion.ObjectiveConfig;
import ddpm.diffusion.Prediction;
import ddpm.diffusion.prediction.Eps;
import ddpm.diffusion.prediction.V;
import ddpm.diffusion.prediction.Velocity;
import ddpm.diffusion.prediction.X0;
import ddpm.diffusion.schedule.Cosine;
import ddpm.diffusion.schedule.Flow;
import ddpm.diffusion.schedule.Linear;
import ddpm.diffusion.schedule.ScaledLinear;
import ddpm.diffusion.schedule.ScheduleConfig;
import ddpm.diffusion.schedule.Sigmoid;
import ddpm.diffusion.times.Uniform;
import ddpm.diffusion.weighting.Simple;
import ddpm.train.settings.SampleConfig;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SchedulerJsonTest {
    private static final String FILE = "x/scheduler_config.json";

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text.replace('\'', '"'));
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    private static Scheduling read(String text) {
        return SchedulerJson.read(FILE, json(text));
    }

    private static ObjectiveConfig predicting(Prediction prediction, String variance) {
        return new ObjectiveConfig(prediction, new Simple(), new Uniform(), variance, 0.001);
    }

    /** The scheduler_config.json of google/ddpm-cifar10-32. */
    @Test
    void thatOfGoogle() {
        Scheduling google = read("{'_class_name': 'DDPMScheduler', '_diffusers_version': '0.1.1', 'beta_end': 0.02,"
                + " 'beta_schedule': 'linear', 'beta_start': 0.0001, 'clip_sample': true, 'num_train_timesteps': 1000,"
                + " 'timestep_values': null, 'trained_betas': null, 'variance_type': 'fixed_large'}");
        assertEquals(ScheduleConfig.reference(), google.diffusion());
        assertEquals(predicting(new Eps(), "fixed_large"), google.objective());
        assertEquals(new SampleConfig("ddpm", 1000, 1, 0, "leading", true, 0, 64), google.sample());
        assertEquals(List.of(), google.notes());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "DDIMScheduler | | ddim",
                "PNDMScheduler | | pndm",
                "PNDMScheduler | , 'skip_prk_steps': true | plms",
                "DPMSolverMultistepScheduler | , 'algorithm_type': 'dpmsolver++' | dpmpp_2m",
                "DPMSolverMultistepScheduler | , 'algorithm_type': 'sde-dpmsolver++' | dpmpp_2m_sde",
                "DPMSolverSinglestepScheduler | , 'solver_order': 2 | dpmpp_2s",
                "UniPCMultistepScheduler | , 'solver_type': 'bh2' | unipc",
                "EulerDiscreteScheduler | , 'interpolation_type': 'linear' | euler",
                "EulerAncestralDiscreteScheduler | | euler_ancestral",
                "HeunDiscreteScheduler | | heun"
            })
    void everyClassThatWeHave(String name, String more, String sampler) {
        SampleConfig sample = read("{'_class_name': '" + name + "'" + (more == null ? "" : more) + "}")
                .sample();
        assertEquals(sampler, sample.sampler());
        assertEquals(50, sample.steps());
    }

    @Test
    void itsSettings() {
        Scheduling s = read("{'_class_name': 'DDIMScheduler', 'beta_schedule': 'squaredcos_cap_v2',"
                + " 'rescale_betas_zero_snr': true, 'num_train_timesteps': 30, 'prediction_type': 'v_prediction',"
                + " 'timestep_spacing': 'trailing', 'clip_sample': false, 'thresholding': true,"
                + " 'dynamic_thresholding_ratio': 0.99, 'steps_offset': 1, 'set_alpha_to_one': false}");
        assertEquals(new Cosine(30, 0.999, true), s.diffusion());
        assertEquals(new V(), s.objective().prediction());
        assertEquals(new SampleConfig("ddim", 30, 0, 0, "trailing", false, 0.99, 64), s.sample());
        assertEquals(2, s.notes().size());
        assertEquals(
                new ScaledLinear(1000, 0.00085, 0.012, false),
                read("{'_class_name': 'HeunDiscreteScheduler', 'beta_schedule': 'scaled_linear'}")
                        .diffusion());
        Scheduling karras =
                read("{'_class_name': 'EulerDiscreteScheduler', 'beta_schedule': 'sigmoid', 'beta_end': 0.1,"
                        + " 'use_karras_sigmas': true, 'prediction_type': 'sample'}");
        assertEquals(new Sigmoid(1000, 1e-4, 0.1, false), karras.diffusion());
        assertEquals(new X0(), karras.objective().prediction());
        assertEquals("karras", karras.sample().spacing());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'_class_name': 'LMSDiscreteScheduler'} | the scheduler LMSDiscreteScheduler is not known here; known are DDPMScheduler, DDIMScheduler",
                "{} | the scheduler none is not known here",
                "{'_class_name': 'DDPMScheduler', 'beta_schedule': 'laplace'} | beta_schedule=laplace is not known here",
                "{'_class_name': 'DDPMScheduler', 'trained_betas': [0.1]} | trained_betas",
                "{'_class_name': 'DDPMScheduler', 'variance_type': 'learned'} | variance_type=learned is not known here; known are fixed_small, fixed_large and learned_range",
                "{'_class_name': 'DDPMScheduler', 'prediction_type': 'flow'} | the prediction_type flow is not known here; known are epsilon, sample and v_prediction",
                "{'_class_name': 'DPMSolverMultistepScheduler', 'solver_order': 3} | solver_order=3 is not known here; known is 2",
                "{'_class_name': 'DPMSolverMultistepScheduler', 'final_sigmas_type': 'sigma_min'} | final_sigmas_type=sigma_min",
                "{'_class_name': 'DDIMScheduler', 'clip_sample_range': 2.0} | clip_sample_range=2.0",
                "{'_class_name': 'DDIMScheduler', 'magic': 7} | not known here: magic=7; remove what does not matter",
                "{'_class_name': 'DDIMScheduler', 'beta_start': 'low'} | beta_start: expected a number, got \"low\"",
                "{'_class_name': 'DDIMScheduler', 'timestep_spacing': 'odd'} | spacing: must be trailing, leading, linspace or karras, got \"odd\" (from x/scheduler_config.json)"
            })
    void whatIsNotOursIsRefusedByName(String text, String part) {
        UserError e = assertThrows(UserError.class, () -> read(text));
        assertTrue(e.getMessage().contains(FILE), e.getMessage());
        assertTrue(e.getMessage().contains(part), e.getMessage());
    }

    /** What is written is read again as it was, so far as a scheduler says it. */
    @Test
    void writtenAndReadAgain() {
        List<ScheduleConfig> schedules = List.of(
                new Linear(500, 1e-4, 0.03, false),
                new ScaledLinear(1000, 0.00085, 0.012, true),
                new Sigmoid(1000, 1e-4, 0.02, false),
                new Cosine(1000, 0.999, false));
        for (ScheduleConfig schedule : schedules) {
            for (String sampler : List.of(
                    "ddpm",
                    "ddim",
                    "pndm",
                    "plms",
                    "dpmpp_2m",
                    "dpmpp_2m_sde",
                    "dpmpp_2s",
                    "unipc",
                    "euler",
                    "euler_ancestral",
                    "heun")) {
                boolean ddpm = sampler.equals("ddpm");
                boolean clips = ddpm || sampler.equals("ddim");
                SampleConfig sample = new SampleConfig(
                        sampler,
                        ddpm ? schedule.timesteps() : 50,
                        sampler.equals("ddim") ? 0 : 1,
                        0,
                        "trailing",
                        clips,
                        0,
                        64);
                ObjectiveConfig objective = predicting(new V(), ddpm ? "fixed_large" : "fixed_small");
                JsonNode json = SchedulerJson.write(schedule, objective, sample).orElseThrow();
                assertEquals(
                        new Scheduling(schedule, objective, sample, List.of()), read(PythonJson.text(json)), sampler);
            }
        }
    }

    @Test
    void whatDiffusersHasNoSchedulerFor() {
        SampleConfig ddim = SampleConfig.standard();
        ObjectiveConfig eps = predicting(new Eps(), "fixed_small");
        ScheduleConfig linear = ScheduleConfig.reference();
        assertEquals(
                Optional.empty(),
                SchedulerJson.write(new Flow(1000, 1), predicting(new Velocity(), "fixed_small"), ddim));
        assertEquals(Optional.empty(), SchedulerJson.write(new Cosine(1000, 0.9, false), eps, ddim));
        SampleConfig ancestral = new SampleConfig("dpmpp_2s_ancestral", 50, 1, 0, "trailing", true, 0, 64);
        assertEquals(Optional.empty(), SchedulerJson.write(linear, eps, ancestral));
        assertTrue(SchedulerJson.write(linear, eps, ddim).isPresent());
    }
}
