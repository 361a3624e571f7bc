package ddpm.diffusion;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Which variance the reverse steps of {@link ddpm.diffusion.solver.Ddpm} have. Both fixed ones are bounds of the true one. Ho
 * et al. 2020, 3.2.
 */
public enum Variance {
    /** That of x_(t-1) given x_t and x_0: right if the image is known. */
    FIXED_SMALL("that of a step back where the image is known; Ho et al. 2020"),
    /** beta_t: right if the images are pure noise. */
    FIXED_LARGE("that of the step of the forward process; Ho et al. 2020"),
    /** Chosen by the network between the two. Nichol &amp; Dhariwal 2021, section 3.1. */
    LEARNED_RANGE("between the two, as the network says, which is taught by the bound; Nichol & Dhariwal 2021");

    private final String summary;

    Variance(String summary) {
        this.summary = summary;
    }

    /** One line. */
    public String summary() {
        return summary;
    }

    /** As in configurations. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** As in configurations. */
    public static List<String> names() {
        return Arrays.stream(values()).map(Variance::text).toList();
    }

    /** The one of that name. */
    public static Variance of(String name) {
        return valueOf(name.toUpperCase(Locale.ROOT));
    }
}
