package ddpm.verify.samplers;

import com.fasterxml.jackson.databind.JsonNode;
import ddpm.diffusion.solver.Plan;
import ddpm.engine.backend.Backend;
import ddpm.verify.report.Check;
import ddpm.verify.report.Report;
import ddpm.verify.report.Tolerance;
import ddpm.verify.vectors.Expected;
import ddpm.verify.vectors.VectorFile;
import ddpm.verify.vectors.VectorFolder;
import java.util.Optional;

/** samplers.json and samplers.safetensors: whole chains of every solver, with a network that is a formula. */
public final class SamplersSuite {
    private static final String FACTS = "samplers.json";
    private static final String FILE = "samplers" + VectorFolder.SUFFIX;
    private static final String LABEL = "samplers/";

    private final VectorFolder folder;
    private final Backend backend;
    private final Report report;

    public SamplersSuite(VectorFolder folder, Backend backend, Report report) {
        this.folder = folder;
        this.backend = backend;
        this.report = report;
    }

    public void run() {
        Optional<JsonNode> facts = folder.json(FACTS);
        Optional<VectorFile> file = folder.file(FILE);
        if (facts.isEmpty() || file.isEmpty()) {
            return;
        }
        JsonNode cases = facts.get().path("cases");
        if (!cases.isArray() || cases.isEmpty()) {
            report.add(Check.failed(FACTS, "holds no cases"));
        }
        for (JsonNode c : cases) {
            String id = c.path("id").asText("?");
            if (!report.attempt(LABEL + id, () -> chain(new SamplerCase(c), file.get()))) {
                file.get().coverAll(id + "/");
            }
        }
    }

    private void chain(SamplerCase c, VectorFile file) {
        Expected expected = new Expected(file, LABEL, report);
        if (file.has(c.id() + "/alphas_cumprod")) {
            double[] ours = c.alphasCumprod();
            expected.compare(c.id() + "/alphas_cumprod", new long[] {ours.length}, ours, Tolerance.absolute(1e-12));
        }
        Plan plan = c.plan();
        new GivenChain(c, plan, file, expected).run(backend, report);
    }
}
