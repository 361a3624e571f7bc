package ddpm.diffusion.solver;

import static ddpm.config.Named.named;

import ddpm.config.Named;
import java.util.List;

/** Solvers by name; configuration, help, suggestions and documents read this list and no other. */
public final class Solvers {
    /** How a solver is made from the settings that it {@link Solver#uses}. */
    @FunctionalInterface
    public interface Recipe {
        /** @param eta share of fresh noise @param churn see {@link Heun} */
        Solver with(double eta, double churn);
    }

    public static final List<Named<Recipe>> ALL = List.of(
            named("ddpm", "draws every step from its posterior; Ho et al. 2020", (eta, churn) -> new Ddpm()),
            named(
                    "ddim",
                    "eta 0 is deterministic, 1 as noisy as ddpm; Song et al. 2020",
                    (eta, churn) -> new Ddim(eta, true)),
            named(
                    "dpmpp_2m",
                    "second order, one evaluation a step; Lu et al. 2022",
                    (eta, churn) -> new DpmPlusPlus2M(0, false, true)),
            named(
                    "dpmpp_2m_sde",
                    "the same with fresh noise; Lu et al. 2022",
                    (eta, churn) -> new DpmPlusPlus2M(eta, false, true)),
            named(
                    "dpmpp_2s",
                    "second order in pairs of steps; Lu et al. 2022",
                    (eta, churn) -> new DpmPlusPlus2S(false)),
            named(
                    "dpmpp_2s_ancestral",
                    "two evaluations a step and fresh noise; k-diffusion",
                    (eta, churn) -> new DpmPlusPlus2SAncestral(eta)),
            named(
                    "unipc",
                    "predictor and corrector, one evaluation a step; Zhao et al. 2023",
                    (eta, churn) -> new UniPc()),
            named("pndm", "multistep, begins with Runge-Kutta; Liu et al. 2022", (eta, churn) -> new Pndm(true, false)),
            named(
                    "plms",
                    "multistep, begins with lower orders; Liu et al. 2022",
                    (eta, churn) -> new Pndm(false, false)),
            named("euler", "first order in sigma, or along a flow; Karras et al. 2022", (eta, churn) -> new Euler()),
            named("euler_ancestral", "euler with fresh noise; k-diffusion", (eta, churn) -> new EulerAncestral(eta)),
            named(
                    "heun",
                    "second order, two evaluations a step, with churn; Karras et al. 2022",
                    (eta, churn) -> Heun.churned(churn)));

    private Solvers() {}
}
