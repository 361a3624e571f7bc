package ddpm.engine.nn;

import ddpm.engine.tensor.Shape;
import java.nio.FloatBuffer;

/** In which order the extents of a parameter are stored: in files as PyTorch has them, in the engine channels last. */
public enum Layout {
    /** The same in both. */
    PLAIN,
    /**
     * Window of a convolution: file [A,B,kh,kw], engine [A,kh,kw,B]. A, B are Cout, Cin for a convolution and Cin, Cout
     * for a transposed one.
     */
    KERNEL;

    /** What a parameter of that many extents has: four are a window. */
    public static Layout of(int rank) {
        return rank == 4 ? KERNEL : PLAIN;
    }

    public Shape engineShape(Shape file) {
        return this == PLAIN ? file : Shape.of(file.dim(0), file.dim(2), file.dim(3), file.dim(1));
    }

    public Shape fileShape(Shape engine) {
        return this == PLAIN ? engine : Shape.of(engine.dim(0), engine.dim(3), engine.dim(1), engine.dim(2));
    }

    /** The values of a tensor whose extents in the file are {@code file}, in the engine's order. */
    public float[] toEngine(Shape file, float[] values) {
        return this == PLAIN ? values : swap(values, file.dim(1), file.dim(2) * file.dim(3));
    }

    /** The values of a tensor whose extents in the engine are {@code engine}, in the file's order. */
    public float[] toFile(Shape engine, float[] values) {
        float[] to = new float[values.length];
        toFile(engine, values, FloatBuffer.wrap(to));
        return to;
    }

    /** As {@link #toFile(Shape, float[])}, into {@code to}. */
    void toFile(Shape engine, float[] values, FloatBuffer to) {
        if (this == PLAIN) {
            to.put(values);
            return;
        }
        int rows = Math.toIntExact(engine.dim(1) * engine.dim(2));
        int columns = Math.toIntExact(engine.dim(3));
        for (int start = 0; start < values.length; start += rows * columns) {
            for (int j = 0; j < columns; j++) {
                for (int i = 0; i < rows; i++) {
                    to.put(values[start + i * columns + j]);
                }
            }
        }
    }

    /** [outer,rows,columns] to [outer,columns,rows]. */
    private static float[] swap(float[] from, long rows, long columns) {
        int r = Math.toIntExact(rows);
        int c = Math.toIntExact(columns);
        float[] to = new float[from.length];
        for (int start = 0; start < from.length; start += r * c) {
            for (int i = 0; i < r; i++) {
                for (int j = 0; j < c; j++) {
                    to[start + j * r + i] = from[start + i * c + j];
                }
            }
        }
        return to;
    }
}
