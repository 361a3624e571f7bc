package ddpm.evaluate.measure;

import java.util.stream.IntStream;

/** Points of one length, one after the other: features of images, or their pixels. */
public interface Rows {
    /** Points. */
    int count();

    /** Numbers of each. */
    int dim();

    /** Copies point {@code i} to {@code into}, from its index {@code at} on. */
    void copy(int i, float[] into, int at);

    /** Point {@code i}. */
    default float[] row(int i) {
        float[] row = new float[dim()];
        copy(i, row, 0);
        return row;
    }

    /** @param values [count,dim], shared, not copied */
    static Rows of(int dim, float[] values) {
        int count = values.length / dim;
        return new Rows() {
            @Override
            public int count() {
                return count;
            }

            @Override
            public int dim() {
                return dim;
            }

            @Override
            public void copy(int i, float[] into, int at) {
                System.arraycopy(values, i * dim, into, at, dim);
            }
        };
    }

    /** The points {@code from} to {@code to - 1}. */
    default Rows part(int from, int to) {
        return at(IntStream.range(from, to).toArray());
    }

    /** Some of the points, in that order. */
    default Rows at(int[] which) {
        Rows all = this;
        return new Rows() {
            @Override
            public int count() {
                return which.length;
            }

            @Override
            public int dim() {
                return all.dim();
            }

            @Override
            public void copy(int i, float[] into, int at) {
                all.copy(which[i], into, at);
            }
        };
    }
}
