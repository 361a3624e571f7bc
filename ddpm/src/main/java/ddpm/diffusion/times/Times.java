package ddpm.diffusion.times;

import static ddpm.config.Named.named;

import ddpm.config.Named;
import ddpm.diffusion.TrainingTimes;
import java.util.List;

/** How a training can draw t; each value holds the settings that count where none are named. */
public final class Times {
    public static final List<Named<TrainingTimes>> ALL = List.of(
            named("uniform", "every t alike; Ho et al. 2020", new Uniform()),
            named(
                    "importance",
                    "those whose losses are large, and less weight for them; Nichol & Dhariwal 2021",
                    new Importance(10, 0.001, 16)),
            named("logit_normal", "more of the middle, for flows; Esser et al. 2024", new LogitNormal(0, 1)),
            named("mode", "more of the middle and of the ends, for flows; Esser et al. 2024", new Mode(1.29)),
            named(
                    "log_normal",
                    "log sigma is normal, for the edm schedule; Karras et al. 2022",
                    new LogNormal(-1.2, 1.2)));

    private Times() {}
}
