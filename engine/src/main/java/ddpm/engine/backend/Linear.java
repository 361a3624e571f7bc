package ddpm.engine.backend;

/**
 * Geometry of a linear layer, y[rows,out] = x[rows,in] w[out,in]^T + b.
 *
 * @param rows of x and y: everything but the last extent
 * @param in the summed extent
 * @param out columns of y
 * @param x how x is stored: FP32, or the backend's {@link Backend#operands}
 * @param y how y and its gradient are stored: FP32, or as x
 */
public record Linear(long rows, long in, long out, Precision x, Precision y) {
    /** One of FP32 to FP32. */
    public Linear(long rows, long in, long out) {
        this(rows, in, out, Precision.FP32, Precision.FP32);
    }
}
