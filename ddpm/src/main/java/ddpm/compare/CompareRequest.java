package ddpm.compare;

import ddpm.DeviceChoice;
import ddpm.sample.SampleRequest;
import java.nio.file.Path;
import java.util.List;

/**
 * What {@code ddpm compare} was asked to do.
 *
 * @param drawing how each run draws its grid, one of two or more runs
 * @param out folder for comparison.html
 * @param device what to compute on
 */
public record CompareRequest(List<SampleRequest> drawing, Path out, DeviceChoice device) {
    /** Their folders. */
    List<Path> folders() {
        return drawing.stream().map(SampleRequest::checkpoint).toList();
    }
}
