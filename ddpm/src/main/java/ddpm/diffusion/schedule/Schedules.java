package ddpm.diffusion.schedule;

import static ddpm.config.Named.named;

import ddpm.config.Named;
import java.util.List;

/** The kinds of schedule; each value holds the settings that count where a configuration names none. */
public final class Schedules {
    public static final List<Named<ScheduleConfig>> ALL = List.of(
            named("linear", "beta rises linearly; Ho et al. 2020", ScheduleConfig.reference()),
            named(
                    "scaled_linear",
                    "the root of beta rises linearly; Rombach et al. 2022",
                    new ScaledLinear(1000, 0.00085, 0.012, false)),
            named("cosine", "less time in almost pure noise; Nichol & Dhariwal 2021", new Cosine(1000, 0.999, false)),
            named("sigmoid", "beta rises along a sigmoid; Xu et al. 2022", new Sigmoid(1000, 1e-4, 0.02, false)),
            named("flow", "a straight line from image to noise; Liu et al. 2023", new Flow(1000, 1)),
            named("edm", "noise grows, the image stays; Karras et al. 2022", new Edm(1000, 0.002, 80, 7)));

    private Schedules() {}
}
