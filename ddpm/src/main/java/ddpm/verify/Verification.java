package ddpm.verify;

import ddpm.engine.backend.Backend;
import java.io.PrintWriter;
import java.nio.file.Path;

/** This build's numbers against a folder of reference vectors. */
public final class Verification {
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
        new SchedulerSuite(vectors, backend, report).run();
        new TimeEmbeddingSuite(vectors, backend, report).run();
        new OpsSuite(vectors, backend, report).run();
        new SmallUNetSuite(vectors, backend, report).run();
        new FullUNetSuite(vectors, backend, report).run();
        vectors.reportUndelivered();
        vectors.reportUncovered();
        report.footer();
        return report.failures() == 0;
    }
}
