package ddpm.verify.ops;

import ddpm.engine.backend.Backend;
import ddpm.verify.report.Check;
import ddpm.verify.report.Report;
import ddpm.verify.vectors.FileLayout;
import ddpm.verify.vectors.VectorFile;
import ddpm.verify.vectors.VectorFolder;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** ops.safetensors: every case of every operation, forward and backward. */
public final class OpsSuite {
    private static final String FILE = "ops" + VectorFolder.SUFFIX;

    /** Heads of the mha_* cases and groups of the group_norm_* cases. */
    private static final int HEADS = 4;

    private static final int GROUPS = 8;

    private record Kind(FileLayout layout, Consumer<OpCase> run) {}

    /** By name; a case has that name, or it and a suffix: {@code silu}, {@code conv3x3_a}. */
    private static final Map<String, Kind> KINDS = new LinkedHashMap<>();

    static {
        KINDS.put("conv3x3", new Kind(FileLayout.IMAGE, c -> LayerCases.conv(c, 3, 1, 1)));
        KINDS.put("conv1x1", new Kind(FileLayout.IMAGE, c -> LayerCases.conv(c, 1, 1, 0)));
        KINDS.put("conv4x4s2", new Kind(FileLayout.IMAGE, c -> LayerCases.conv(c, 4, 2, 1)));
        KINDS.put("convt4x4s2", new Kind(FileLayout.IMAGE, c -> LayerCases.convTranspose(c, 4, 2, 1)));
        KINDS.put("group_norm", new Kind(FileLayout.IMAGE, c -> LayerCases.groupNorm(c, GROUPS)));
        KINDS.put("silu", new Kind(FileLayout.PLAIN, LayerCases::silu));
        KINDS.put("linear", new Kind(FileLayout.PLAIN, LayerCases::linear));
        KINDS.put("mha", new Kind(FileLayout.PLAIN, c -> AttentionCases.multiHead(c, HEADS)));
        KINDS.put("softmax", new Kind(FileLayout.PLAIN, AttentionCases::softmax));
        KINDS.put("mse_loss", new Kind(FileLayout.PLAIN, LayerCases::mse));
        KINDS.put("concat", new Kind(FileLayout.IMAGE, LayerCases::concat));
    }

    private final VectorFolder folder;
    private final Backend backend;
    private final Report report;

    public OpsSuite(VectorFolder folder, Backend backend, Report report) {
        this.folder = folder;
        this.backend = backend;
        this.report = report;
    }

    public void run() {
        folder.file(FILE).ifPresent(file -> {
            Set<String> cases = new LinkedHashSet<>();
            file.names().stream().filter(n -> n.contains("/")).forEach(n -> cases.add(n.substring(0, n.indexOf('/'))));
            KINDS.forEach((name, kind) -> {
                var mine = cases.stream().filter(c -> isOf(name, c)).toList();
                if (mine.isEmpty()) {
                    report.add(Check.failed(OpCase.LABEL + name, "there is no case of " + name + " in " + FILE));
                }
                mine.forEach(c -> one(file, c, kind));
            });
        });
    }

    private static boolean isOf(String kind, String name) {
        return name.equals(kind) || name.startsWith(kind + "_");
    }

    private void one(VectorFile file, String name, Kind kind) {
        OpCase c = new OpCase(file, name, kind.layout(), backend, report);
        if (!report.attempt(OpCase.LABEL + name, () -> kind.run().accept(c))) {
            file.coverAll(name + "/"); // the failure speaks for the rest of the case
        }
    }
}
