package ddpm.verify.network;

import com.fasterxml.jackson.databind.JsonNode;
import ddpm.engine.backend.Backend;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.TensorException;
import ddpm.model.unet.UNet;
import ddpm.model.unet.UNetConfig;
import ddpm.verify.report.Report;
import ddpm.verify.report.VectorException;
import ddpm.verify.vectors.VectorFile;
import ddpm.verify.vectors.VectorFolder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * unet_small_*: a network with stored weights, of any configuration. One pass with its activations and gradients, Adam
 * steps on a fixed batch, the last steps of sampling.
 */
public final class SmallUNetSuite {
    static final String LABEL = "unet_small/";
    private static final String FILE = "unet_small_";
    private static final Pattern ADAM = Pattern.compile(FILE + "adam([1-9]\\d{0,3})\\" + VectorFolder.SUFFIX);

    /** After how many steps the README has the parameters; a folder may have more. */
    private static final Set<Integer> ADAM_STEPS = Set.of(1, 2, 10);

    private final VectorFolder folder;
    private final Backend backend;
    private final Report report;

    public SmallUNetSuite(VectorFolder folder, Backend backend, Report report) {
        this.folder = folder;
        this.backend = backend;
        this.report = report;
    }

    public void run() {
        Optional<JsonNode> config = folder.json(FILE + "config.json");
        Optional<VectorFile> weights = file("weights");
        Optional<VectorFile> io = file("io");
        Optional<VectorFile> grads = file("grads");
        Map<Integer, VectorFile> adam = adam();
        boolean whole = config.isPresent() && weights.isPresent() && io.isPresent();
        boolean done = whole
                && report.attempt(LABEL, () -> {
                    try (UNet net = UNetConfig.of(config.get()).create(Parameters.toLoad(backend))) {
                        load(net, weights.get());
                        network(net, io.get(), grads, weights.get(), adam);
                    }
                });
        if (!done) {
            // a failure above speaks for everything that could not be computed
            List.of(weights, io, grads).forEach(f -> f.ifPresent(v -> v.coverAll("")));
            adam.values().forEach(v -> v.coverAll(""));
        }
    }

    private static void load(UNet net, VectorFile weights) {
        try {
            net.parameters().load(weights.all());
        } catch (TensorException e) {
            throw new VectorException(weights.name() + " " + e.getMessage()); // "does not fit ..."
        }
    }

    private void network(
            UNet net, VectorFile io, Optional<VectorFile> grads, VectorFile weights, Map<Integer, VectorFile> adam) {
        Batch batch = new Batch(io);
        Optional<ReferenceGradients> wanted = grads.flatMap(f -> gradients(net, f));
        if (!report.attempt(LABEL + "act", () -> new ForwardChecks(net, batch, io, report).run())) {
            io.coverAll("act/");
        }
        report.attempt(LABEL + "loss", () -> new GradientChecks(net, batch, report).run(io, wanted));
        if (!report.attempt(LABEL + "chain", () -> new ChainChecks(net, io, report).run())) {
            io.coverAll("chain/");
        }
        // last: it changes the weights. Without gradients no update can be judged; that they are missing has been said
        boolean updated = wanted.isPresent()
                && report.attempt(
                        LABEL + "adam", () -> new AdamChecks(net, batch, wanted.get(), report).run(io, weights, adam));
        if (!updated) {
            io.coverAll("losses");
            adam.values().forEach(v -> v.coverAll(""));
        }
    }

    private Optional<ReferenceGradients> gradients(UNet net, VectorFile file) {
        List<ReferenceGradients> read = new ArrayList<>();
        if (!report.attempt(LABEL + "grads", () -> read.add(new ReferenceGradients(net, file)))) {
            file.coverAll("");
        }
        return read.stream().findFirst();
    }

    private Optional<VectorFile> file(String what) {
        return folder.file(FILE + what + VectorFolder.SUFFIX);
    }

    private Map<Integer, VectorFile> adam() {
        Map<Integer, VectorFile> files = new TreeMap<>();
        ADAM_STEPS.stream().sorted().forEach(n -> file("adam" + n).ifPresent(f -> files.put(n, f)));
        for (String name : folder.names()) {
            Matcher m = ADAM.matcher(name);
            if (m.matches() && !ADAM_STEPS.contains(Integer.valueOf(m.group(1)))) {
                folder.file(name).ifPresent(f -> files.put(Integer.valueOf(m.group(1)), f));
            }
        }
        return files;
    }
}
