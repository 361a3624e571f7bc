package ddpm.verify.network;

import ddpm.engine.backend.Backend;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Tensor;
import ddpm.verify.report.Report;
import ddpm.verify.report.Tolerance;
import ddpm.verify.report.VectorException;
import ddpm.verify.vectors.Expected;
import ddpm.verify.vectors.FileLayout;
import ddpm.verify.vectors.VectorFile;
import ddpm.verify.vectors.VectorFolder;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** time_embedding.safetensors: sines and cosines of timesteps, for every width in the file. */
public final class TimeEmbeddingSuite {
    private static final String FILE = "time_embedding" + VectorFolder.SUFFIX;
    private static final String LABEL = "time_embedding/";
    private static final Pattern NAME = Pattern.compile("emb_([1-9]\\d{0,5})(_f64)?");

    private final VectorFolder folder;
    private final Backend backend;
    private final Report report;

    public TimeEmbeddingSuite(VectorFolder folder, Backend backend, Report report) {
        this.folder = folder;
        this.backend = backend;
        this.report = report;
    }

    public void run() {
        folder.file(FILE).ifPresent(file -> {
            if (!report.attempt(LABEL, () -> widths(file))) {
                file.coverAll("");
            }
        });
    }

    private void widths(VectorFile file) {
        TreeSet<Integer> widths = new TreeSet<>();
        for (String name : file.names()) {
            Matcher m = NAME.matcher(name);
            if (m.matches()) {
                widths.add(Integer.valueOf(m.group(1)));
            }
        }
        if (widths.isEmpty()) {
            throw new VectorException("there is no emb_<d> in " + FILE);
        }
        // any timestep has an embedding
        int[] t = file.timesteps("t", Integer.MAX_VALUE);
        for (int d : widths) {
            report.attempt(LABEL + "emb_" + d, () -> width(file, t, d));
        }
    }

    private void width(VectorFile file, int[] t, int d) {
        try (Scope scope = Scope.on(backend)) {
            Tensor y = Batch.times(scope, t).timestepEmbedding(d);
            Expected expected = new Expected(file, LABEL, report);
            expected.compare("emb_" + d, FileLayout.PLAIN, y, Tolerance.TIME_EMBEDDING);
            expected.compare("emb_" + d + "_f64", FileLayout.PLAIN, y, Tolerance.TIME_EMBEDDING);
        }
    }
}
