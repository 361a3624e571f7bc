package ddpm.verify.given;

import com.fasterxml.jackson.databind.JsonNode;
import ddpm.diffusion.schedule.BetaSchedule;
import ddpm.diffusion.schedule.Cosine;
import ddpm.diffusion.schedule.Linear;
import ddpm.diffusion.schedule.ScaledLinear;
import ddpm.diffusion.schedule.ScheduleConfig;
import ddpm.diffusion.schedule.Sigmoid;
import ddpm.verify.report.VectorException;

/** The schedules that files describe as {@code {"type": "linear", "T": 1000, ...}}. */
public final class VectorSchedules {
    private VectorSchedules() {}

    public static BetaSchedule of(JsonNode s) {
        int steps = s.path("T").asInt();
        double first = s.path("beta_start").asDouble();
        double last = s.path("beta_end").asDouble();
        boolean zero = s.path("zero_snr").asBoolean();
        String type = s.path("type").asText();
        ScheduleConfig config =
                switch (type) {
                    case "linear" -> new Linear(steps, first, last, zero);
                    case "scaled_linear" -> new ScaledLinear(steps, first, last, zero);
                    case "cosine" -> new Cosine(steps, s.path("max_beta").asDouble(0.999), zero);
                    case "sigmoid" -> new Sigmoid(steps, first, last, zero);
                    default -> throw new VectorException("schedule type \"" + type + "\" is not known here");
                };
        return (BetaSchedule) config.schedule();
    }
}
