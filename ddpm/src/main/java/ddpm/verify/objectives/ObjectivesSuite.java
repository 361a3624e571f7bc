package ddpm.verify.objectives;

import com.fasterxml.jackson.databind.JsonNode;
import ddpm.engine.backend.Backend;
import ddpm.verify.report.Check;
import ddpm.verify.report.Report;
import ddpm.verify.report.VectorException;
import ddpm.verify.vectors.Expected;
import ddpm.verify.vectors.Facts;
import ddpm.verify.vectors.VectorFile;
import ddpm.verify.vectors.VectorFolder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** objectives.json and objectives.safetensors: what a training computes around the network. A group of another kind fails. */
public final class ObjectivesSuite {
    private static final String FACTS = "objectives.json";
    private static final String FILE = "objectives" + VectorFolder.SUFFIX;

    /**
     * A kind of group.
     *
     * @param name the first part of its tensors' names
     * @param parts whether the second part tells several groups of this kind apart
     * @param facts the entries of the JSON file that are for it alone
     */
    private record Kind(String name, boolean parts, Set<String> facts, Objectives.Group group) {}

    private static final List<Kind> KINDS = List.of(
            new Kind("targets", true, Set.of(), new TargetsGroup()),
            new Kind("weights", true, Set.of("min_snr_gamma", "p2"), new WeightsGroup()),
            new Kind("edm", false, Set.of("edm"), new EdmGroup()),
            new Kind("flow", false, Set.of("logit_normal", "mode_scale"), new FlowGroup()),
            new Kind("likelihood", true, Set.of(), new LikelihoodGroup()),
            new Kind("discretised", false, Set.of(), new DiscretisedGroup()),
            new Kind("bits", true, Set.of("bits_schedule"), new BitsGroup()),
            new Kind("repaint", false, Set.of("repaint"), new RepaintGroup()),
            new Kind("guidance", false, Set.of("guidance"), new GuidanceGroup()),
            new Kind("ema_run", false, Set.of("ema"), new DecayGroup()),
            new Kind("power_ema", false, Set.of("power_ema"), new PowerGroup()),
            new Kind("posthoc_ema", false, Set.of("posthoc_ema"), new PostHocGroup()),
            new Kind("cosine_lr", false, Set.of("cosine_lr"), new RatesGroup()));

    /** Entries that are for all, or for the reader. */
    private static final Set<String> SHARED = Set.of("layout", "schedules", "measured_float32");

    private final VectorFolder folder;
    private final Backend backend;
    private final Report report;

    public ObjectivesSuite(VectorFolder folder, Backend backend, Report report) {
        this.folder = folder;
        this.backend = backend;
        this.report = report;
    }

    public void run() {
        Optional<JsonNode> json = folder.json(FACTS);
        Optional<VectorFile> file = folder.file(FILE);
        if (json.isEmpty() || file.isEmpty()) {
            return;
        }
        report.note("objectives, each element by a tolerance of its own; shown is that of the worst:");
        Facts facts = new Facts(FACTS, json.get());
        Objectives o = new Objectives(facts, file.get(), new Expected(file.get(), "", report), backend, report);
        report.attempt(FACTS, () -> requireLayout(facts));
        Set<String> groups = groups(file.get());
        requireKnown(facts, groups, file.get());
        if (groups.isEmpty()) {
            report.add(Check.failed(FILE, "holds no groups"));
        }
        for (Kind kind : KINDS) {
            boolean wanted =
                    groups.contains(kind.name()) || kind.facts().stream().anyMatch(facts.keys()::contains);
            if (wanted) {
                prefixes(kind, file.get()).forEach(at -> check(o, kind, at));
            }
        }
    }

    private static void requireLayout(Facts facts) {
        String layout = facts.get("layout").asText();
        if (!layout.equals("NCHW")) {
            throw new VectorException("layout " + layout + " is not known here, only NCHW");
        }
    }

    private static Set<String> groups(VectorFile file) {
        Set<String> groups = new TreeSet<>();
        file.names().forEach(n -> groups.add(n.split("/")[0]));
        return groups;
    }

    private void requireKnown(Facts facts, Set<String> groups, VectorFile file) {
        for (String group : groups) {
            if (KINDS.stream().noneMatch(k -> k.name().equals(group))) {
                report.add(Check.failed(group + "/", "a group of this kind is not known here"));
                file.coverAll(group);
            }
        }
        for (String key : facts.keys()) {
            if (!SHARED.contains(key) && KINDS.stream().noneMatch(k -> k.facts().contains(key))) {
                report.add(Check.failed(FACTS + " " + key, "an entry of this kind is not known here"));
            }
        }
    }

    /** One for each part of a kind that has several; a kind without any tensors has the one that its facts ask for. */
    private static List<String> prefixes(Kind kind, VectorFile file) {
        String at = kind.name() + "/";
        if (!kind.parts()) {
            return List.of(at);
        }
        Set<String> parts = new TreeSet<>();
        for (String name : file.names()) {
            String[] path = name.split("/");
            if (path[0].equals(kind.name())) {
                parts.add(path.length < 3 ? at : at + path[1] + "/");
            }
        }
        return new ArrayList<>(parts);
    }

    /** What a group leaves undone when it fails is spoken for by the failure. */
    private void check(Objectives o, Kind kind, String at) {
        boolean done = report.attempt(at, () -> {
            if (kind.parts() && at.equals(kind.name() + "/")) {
                throw new VectorException("tensors of this kind are named " + kind.name() + "/<which>/<what>");
            }
            kind.group().check(o, at);
        });
        if (!done) {
            o.file().coverAll(at);
        }
    }
}
