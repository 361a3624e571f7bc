package ddpm.verify.network;

import com.fasterxml.jackson.databind.JsonNode;
import ddpm.engine.backend.Backend;
import ddpm.engine.nn.Parameter;
import ddpm.engine.nn.Parameters;
import ddpm.huggingface.ModelFolder;
import ddpm.huggingface.UNet2DJson;
import ddpm.model.unet2d.UNet2D;
import ddpm.verify.report.Check;
import ddpm.verify.report.Report;
import ddpm.verify.vectors.Facts;
import ddpm.verify.vectors.VectorFile;
import ddpm.verify.vectors.VectorFolder;
import java.util.List;
import java.util.Optional;

/**
 * unet2d/: folders of diffusers, each a network of any configuration with one pass and its gradients, and lists of a larger network's
 * parameters.
 */
public final class UNet2DSuite {
    public static final String FOLDER = "unet2d";

    private static final String IO = "io.safetensors";
    private static final String EXPECTED = "expected.json";

    private final VectorFolder all;
    private final Backend backend;
    private final Report report;

    public UNet2DSuite(VectorFolder all, Backend backend, Report report) {
        this.all = all;
        this.backend = backend;
        this.report = report;
    }

    /** Does nothing where there is no such folder. */
    public void run() {
        if (!all.folders().contains(FOLDER)) {
            return;
        }
        VectorFolder folder = all.folder(FOLDER);
        for (String name : folder.names(".json")) {
            folder.json(name)
                    .ifPresent(json ->
                            report.attempt(folder.label(name), () -> parameters(new Facts(folder.label(name), json))));
        }
        folder.reportUncovered();
        for (String name : folder.folders()) {
            run(folder.folder(name));
        }
    }

    private void run(VectorFolder folder) {
        Optional<JsonNode> config = folder.json(ModelFolder.CONFIG);
        Optional<VectorFile> weights = folder.file(ModelFolder.WEIGHTS);
        Optional<VectorFile> io = folder.file(IO);
        Optional<JsonNode> expected = folder.json(EXPECTED);
        boolean done = config.isPresent()
                && weights.isPresent()
                && io.isPresent()
                && expected.isPresent()
                && report.attempt(folder.label(""), () -> {
                    try (UNet2D net = UNet2DJson.read(folder.label(ModelFolder.CONFIG), config.get())
                            .create(Parameters.toLoad(backend))) {
                        net.parameters().load(weights.get().all());
                        Facts facts = new Facts(folder.label(EXPECTED), expected.get());
                        new UNet2DChecks(net, io.get(), facts, folder.label(""), report).run();
                    }
                });
        if (!done) {
            // a failure above speaks for everything that could not be computed
            List.of(weights, io).forEach(f -> f.ifPresent(v -> v.coverAll("")));
        }
        folder.reportUncovered();
    }

    /** Names, order and shapes of the parameters of a network. */
    private void parameters(Facts facts) {
        JsonNode wanted = facts.get("parameters");
        try (UNet2D net = UNet2DJson.read(facts.file(), facts.get("config")).create(Parameters.toLoad(backend))) {
            List<Parameter> ours = net.parameters().list();
            String difference = ours.size() == wanted.size()
                    ? ""
                    : "the file has " + wanted.size() + " parameters, the network " + ours.size();
            for (int i = 0; i < Math.min(ours.size(), wanted.size()) && difference.isEmpty(); i++) {
                String want =
                        wanted.get(i).path(0).asText() + " " + wanted.get(i).path(1);
                String got = ours.get(i).name() + " "
                        + VectorFile.shape(ours.get(i).fileShape().toArray());
                difference = want.equals(got) ? "" : "number " + i + " is " + got + ", the reference has " + want;
            }
            report.add(Check.same(facts.file() + ", names and shapes", difference));
            exact(facts, "tensors", ours.size());
            exact(facts, "total", net.parameters().count());
        }
    }

    private void exact(Facts facts, String key, double got) {
        report.add(Check.exact(facts.file() + ", " + key, facts.numbers(key), new double[] {got}));
    }
}
