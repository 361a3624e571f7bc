package ddpm.diffusion.prediction;

import static ddpm.config.Named.named;

import ddpm.config.Named;
import ddpm.diffusion.Prediction;
import java.util.List;

/** What a network can be taught to predict; each value holds the settings that count where none are named. */
public final class Predictions {
    public static final List<Named<Prediction>> ALL = List.of(
            named("eps", "the noise; Ho et al. 2020", new Eps()),
            named("x0", "the image", new X0()),
            named("v", "noise at little noise, the image at much; Salimans & Ho 2022", new V()),
            named("velocity", "eps - x_0, for the flow schedule; Lipman et al. 2023", new Velocity()),
            named(
                    "edm",
                    "what a scaled x_t lacks, for the edm schedule; Karras et al. 2022",
                    new EdmPreconditioning(0.5)));

    private Predictions() {}
}
