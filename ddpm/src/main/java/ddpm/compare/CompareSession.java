package ddpm.compare;

import ddpm.DataException;
import ddpm.Devices;
import ddpm.UserError;
import ddpm.engine.backend.Backend;
import ddpm.engine.disk.IoReason;
import ddpm.picture.Drawn;
import ddpm.sample.SampleRequest;
import ddpm.sample.SamplingSession;
import ddpm.train.checkpoint.CheckpointException;
import ddpm.train.checkpoint.TrainedModel;
import ddpm.train.checkpoint.TrainedModels;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/** {@code ddpm compare} from the request to the page. */
public final class CompareSession {
    private final CompareRequest request;
    private final PrintWriter out;

    /** @param out progress, and the table */
    public CompareSession(CompareRequest request, PrintWriter out) {
        this.request = request;
        this.out = out;
    }

    /**
     * Reads the runs, draws with each, prints and writes. A run that cannot draw is compared by the rest, with the reason.
     *
     * @throws UserError where a folder is no run
     */
    public void run() throws IOException {
        List<Run> runs = Run.read(request.folders());
        List<Grid> grids = new ArrayList<>();
        try (Backend backend = Devices.open(request.device(), "fp32")) {
            for (SampleRequest drawing : request.drawing()) {
                grids.add(grid(backend, drawing));
            }
        }
        Comparison comparison = Comparison.of(runs, request.drawing().get(0).seed(), grids);
        ComparisonTable.print(comparison, out);
        Path page = request.out().resolve("comparison.html");
        ComparisonPage.write(comparison, page);
        out.println("wrote " + page + ": the same with curves and pictures, for any browser");
        out.flush();
    }

    private Grid grid(Backend backend, SampleRequest drawing) {
        try {
            TrainedModel trained = TrainedModels.load(drawing.checkpoint(), drawing.weights());
            Drawn drawn = new SamplingSession(drawing, trained, out).images(backend);
            OptionalLong steps = TrainedModels.steps(trained);
            return new Grid(
                    drawn,
                    steps.isPresent()
                            ? String.format(Locale.ROOT, "after %,d steps", steps.getAsLong())
                            : "from " + trained.file());
        } catch (CheckpointException | UserError | DataException e) {
            return nothing(drawing, e.getMessage());
        } catch (IOException e) {
            return nothing(drawing, drawing.checkpoint() + " cannot be read (" + IoReason.of(e) + ")");
        }
    }

    private Grid nothing(SampleRequest drawing, String why) {
        out.println(drawing.checkpoint() + " draws nothing: " + why);
        return new Grid(null, "nothing is drawn: " + why);
    }
}
