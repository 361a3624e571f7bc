package ddpm.verify.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.backend.Backend;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Tensor;
import ddpm.verify.report.Report;
import ddpm.verify.report.Tolerance;
import ddpm.verify.report.VectorException;
import ddpm.verify.vectors.Expected;
import ddpm.verify.vectors.FileLayout;
import ddpm.verify.vectors.VectorFile;

/**
 * One case of ops.safetensors: {@code <name>/<input>}, {@code /y}, {@code /dy} and {@code /d<input>}.
 *
 * @param layout of the case's inputs and result
 */
record OpCase(VectorFile file, String name, FileLayout layout, Backend backend, Report report) {
    static final String LABEL = "ops/";

    HostTensor get(String tensor) {
        return file.get(name + "/" + tensor);
    }

    HostTensor get(String tensor, int rank) {
        return file.get(name + "/" + tensor, rank);
    }

    Tensor leaf(Scope scope, String tensor) {
        return layout.leaf(scope, get(tensor));
    }

    /** Gradients of sum(y * dy). */
    Gradients backward(Tensor y) {
        HostTensor dy = get("dy");
        if (!layout.engineShape(dy.shape()).equals(y.shape())) {
            throw new VectorException("dy is " + VectorFile.shape(dy.shape()) + ", which does not fit the result "
                    + y.shape() + " with the channels last");
        }
        return UpstreamOp.backward(y, layout.toEngine(dy));
    }

    /** A result in the layout of the case. */
    void compare(String tensor, Tensor got) {
        expected().compare(name + "/" + tensor, layout, got, Tolerance.OPERATION);
    }

    /** A result on the host, in the file's order. */
    void compare(String tensor, long[] shape, double[] got) {
        expected().compare(name + "/" + tensor, shape, got, Tolerance.OPERATION);
    }

    private Expected expected() {
        return new Expected(file, LABEL, report);
    }
}
