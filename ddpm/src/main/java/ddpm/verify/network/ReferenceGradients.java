package ddpm.verify.network;

import ddpm.engine.nn.Parameter;
import ddpm.engine.tensor.Shape;
import ddpm.model.unet.UNet;
import ddpm.verify.report.Tolerance;
import ddpm.verify.report.VectorException;
import ddpm.verify.vectors.VectorFile;
import java.util.Map;
import java.util.TreeMap;

/** The gradients of unet_small_grads, and below which size they are nothing but rounding. */
final class ReferenceGradients {
    private final Map<String, double[]> byName = new TreeMap<>();
    private final double floor;

    /** @throws VectorException where a parameter has none, or one of another shape */
    ReferenceGradients(UNet net, VectorFile file) {
        double squares = 0;
        for (Parameter p : net.parameters().list()) {
            double[] g = values(file, p);
            byName.put(p.name(), g);
            for (double v : g) {
                squares += v * v;
            }
        }
        double rms = Math.sqrt(squares / net.parameters().count());
        this.floor = Math.max(Tolerance.GRADIENT_FLOOR, Tolerance.GRADIENT_FLOOR_RELATIVE * rms);
    }

    double[] of(Parameter p) {
        return byName.get(p.name());
    }

    /** What float32 leaves of a gradient that is zero in exact arithmetic. */
    double floor() {
        return floor;
    }

    /** A parameter's values in a file that has one tensor per parameter. */
    static double[] values(VectorFile file, Parameter p) {
        var t = file.get(p.name());
        if (!Shape.of(t.shape()).equals(p.fileShape())) {
            throw new VectorException("'" + p.name() + "' of " + file.name() + " is " + VectorFile.shape(t.shape())
                    + ", the parameter is " + VectorFile.shape(p.fileShape().toArray()));
        }
        return t.toDoubles();
    }
}
