package ddpm.engine.tensor;

import ddpm.engine.backend.Nhwc;
import java.util.Arrays;

/** Extents of a tensor, outermost first; a scalar has none. Immutable. */
public final class Shape {
    private final long[] dims;

    private Shape(long[] dims) {
        this.dims = dims;
    }

    /** @throws IllegalArgumentException when an extent is not positive or the element count overflows */
    public static Shape of(long... dims) {
        long count = 1;
        for (long d : dims) {
            if (d <= 0) {
                throw new IllegalArgumentException(
                        "shape " + Arrays.toString(dims) + " has an extent that is not positive");
            }
            count = Math.multiplyExact(count, d);
        }
        return new Shape(dims.clone());
    }

    public static Shape of(Nhwc x) {
        return of(x.n(), x.h(), x.w(), x.c());
    }

    public int rank() {
        return dims.length;
    }

    /** Extent number i; negative i counts from the end, so dim(-1) is the innermost. */
    public long dim(int i) {
        return dims[i < 0 ? dims.length + i : i];
    }

    public long count() {
        long count = 1;
        for (long d : dims) {
            count *= d;
        }
        return count;
    }

    /** The same shape with another innermost extent. */
    public Shape withLast(long extent) {
        long[] d = dims.clone();
        d[d.length - 1] = extent;
        return of(d);
    }

    public long[] toArray() {
        return dims.clone();
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Shape s && Arrays.equals(dims, s.dims);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dims);
    }

    /** {@code [N=8,H=16,W=16,C=48]} for four extents, {@code [64,128]} otherwise. */
    @Override
    public String toString() {
        if (dims.length == 4) {
            return "[N=" + dims[0] + ",H=" + dims[1] + ",W=" + dims[2] + ",C=" + dims[3] + "]";
        }
        return Arrays.toString(dims).replace(" ", "");
    }
}
