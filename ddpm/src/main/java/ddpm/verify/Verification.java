package ddpm.verify;

import ddpm.engine.backend.Backend;
import ddpm.verify.evaluation.EvaluationSuite;
import ddpm.verify.network.FullUNetSuite;
import ddpm.verify.network.SmallUNetSuite;
import ddpm.verify.network.TimeEmbeddingSuite;
import ddpm.verify.network.UNet2DSuite;
import ddpm.verify.objectives.ObjectivesSuite;
import ddpm.verify.ops.OpsSuite;
import ddpm.verify.report.Report;
import ddpm.verify.samplers.SamplersSuite;
import ddpm.verify.samplers.SchedulerSuite;
import ddpm.verify.vectors.VectorFolder;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;

/** This build's numbers against a folder of reference vectors. */
public final class Verification {
    /** Files that tell which kind of folder it is. */
    private static final List<String> RECIPES = List.of("samplers.json", "objectives.json", "evaluation.json");

    private Verification() {}

    /**
     * Computes everything the folder holds and prints a table: a line per case with the largest absolute difference, the
     * relative L2 norm of the difference, the tolerance and the share of it that was used; last {@code N checks, M
     * failed}.
     *
     * @param backend computes in float32, which the tolerances are for
     * @return whether every check passed, nothing was missing and every tensor was covered
     * @throws ddpm.UserError where the folder cannot be listed
     */
    public static boolean run(Path folder, Backend backend, PrintWriter out) {
        Report report = new Report(out);
        VectorFolder vectors = new VectorFolder(folder, report);
        report.header("verify " + folder + " on " + backend.name() + ", " + backend.precision());
        if (vectors.hasAny(RECIPES)) {
            recipes(vectors, backend, report);
        } else {
            network(vectors, backend, report);
        }
        vectors.reportUndelivered();
        vectors.reportUncovered();
        report.footer();
        return report.failures() == 0;
    }

    /** The vectors of the reference's network: schedule, layers, gradients, Adam. */
    private static void network(VectorFolder vectors, Backend backend, Report report) {
        new SchedulerSuite(vectors, backend, report).run();
        new TimeEmbeddingSuite(vectors, backend, report).run();
        new OpsSuite(vectors, backend, report).run();
        new SmallUNetSuite(vectors, backend, report).run();
        new FullUNetSuite(vectors, backend, report).run();
    }

    /** The vectors of schedules, objectives, solvers, of the network of diffusers and of measures of samples. */
    private static void recipes(VectorFolder vectors, Backend backend, Report report) {
        new SamplersSuite(vectors, backend, report).run();
        new ObjectivesSuite(vectors, backend, report).run();
        new UNet2DSuite(vectors, backend, report).run();
        new EvaluationSuite(vectors, backend, report).run();
    }
}
