package ddpm.diffusion.weighting;

import static ddpm.config.Named.named;

import ddpm.config.Named;
import ddpm.diffusion.Weighting;
import java.util.List;

/** How errors at different levels of noise can be weighed; each value holds the settings that count where none are named. */
public final class Weightings {
    public static final List<Named<Weighting>> ALL = List.of(
            named("simple", "every error of the prediction counts once; Ho et al. 2020", new Simple()),
            named("min_snr", "no more than gamma where there is little noise; Hang et al. 2023", new MinSnr(5)),
            named("p2", "less where there is little noise; Choi et al. 2022", new P2(1, 1)),
            named("edm", "all levels alike at first; Karras et al. 2022", new EdmWeighting(0.5)),
            named("vlb", "the variational bound; Ho et al. 2020, equation 12", new Vlb()));

    private Weightings() {}
}
