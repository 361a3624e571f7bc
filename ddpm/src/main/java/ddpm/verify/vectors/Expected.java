package ddpm.verify.vectors;

import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.Tensor;
import ddpm.verify.report.Allowance;
import ddpm.verify.report.Check;
import ddpm.verify.report.Difference;
import ddpm.verify.report.Report;
import ddpm.verify.report.Tolerance;
import ddpm.verify.report.VectorException;
import java.util.Arrays;

/**
 * Compares results with a file's tensors. A tensor that is missing or has another shape is a failed check, and the next
 * one is compared all the same.
 *
 * @param label what the names of the checks begin with: the file in short
 */
public record Expected(VectorFile file, String label, Report report) {
    /** A tensor of the engine, in the layout that the file's has there. */
    public void compare(String tensor, FileLayout layout, Tensor got, Tolerance tolerance) {
        HostTensor want = find(tensor);
        if (want == null) {
            return;
        }
        var shape = layout.engineShape(want.shape());
        if (!shape.equals(got.shape())) {
            report.add(Check.failed(
                    label + tensor,
                    "shape " + VectorFile.shape(want.shape()) + " does not fit what was computed, " + got.shape()
                            + " with the channels last"));
            return;
        }
        double[] values = Difference.widen(layout.toFile(got));
        report.add(Check.of(label + tensor, want.toDoubles(), values, tolerance));
    }

    /** Values of the host, in the file's order. */
    public void compare(String tensor, long[] shape, double[] got, Tolerance tolerance) {
        HostTensor want = find(tensor);
        if (want == null) {
            return;
        }
        if (!Arrays.equals(shape, want.shape())) {
            report.add(Check.failed(
                    label + tensor,
                    "shape " + VectorFile.shape(want.shape()) + " is not that of the result, "
                            + VectorFile.shape(shape)));
            return;
        }
        report.add(Check.of(label + tensor, want.toDoubles(), got, tolerance));
    }

    /** As {@link #compare(String, long[], double[], Tolerance)}, each element by its own tolerance. */
    public void compare(String tensor, long[] shape, double[] got, Allowance allowance) {
        HostTensor want = find(tensor);
        if (want == null) {
            return;
        }
        if (!Arrays.equals(shape, want.shape())) {
            report.add(wrongShape(tensor, want, VectorFile.shape(shape)));
            return;
        }
        report.add(Check.each(label + tensor, want.toDoubles(), got, shape, allowance));
    }

    /** A tensor of the engine that is images in the file, each element by its own tolerance. */
    public void compare(String tensor, Tensor got, Allowance allowance) {
        compare(tensor, FileLayout.IMAGE, got, allowance);
    }

    /** A tensor of the engine, in the layout that the file's has there, each element by its own tolerance. */
    public void compare(String tensor, FileLayout layout, Tensor got, Allowance allowance) {
        HostTensor want = find(tensor);
        if (want == null) {
            return;
        }
        if (!layout.engineShape(want.shape()).equals(got.shape())) {
            report.add(wrongShape(tensor, want, got.shape() + " with the channels last"));
            return;
        }
        double[] values = Difference.widen(layout.toFile(got));
        report.add(Check.each(label + tensor, want.toDoubles(), values, want.shape(), allowance));
    }

    private Check wrongShape(String tensor, HostTensor want, String computed) {
        return Check.failed(
                label + tensor,
                "shape " + VectorFile.shape(want.shape()) + " does not fit what was computed, " + computed);
    }

    private HostTensor find(String tensor) {
        try {
            HostTensor t = file.get(tensor);
            if (!t.dtype().isFloat()) {
                report.add(Check.failed(label + tensor, "is " + t.dtype() + ", needed are floating-point numbers"));
                return null;
            }
            return t;
        } catch (VectorException e) {
            report.add(Check.failed(label + tensor, e.getMessage()));
            return null;
        }
    }
}
