package ddpm.engine.backend.cpu.onednn;

import static org.bytedeco.dnnl.global.dnnl.*;

import ddpm.engine.backend.MatmulOps.Matmul;
import ddpm.engine.backend.Precision;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_desc;

/**
 * A product of dense matrices as oneDNN computes it, for any thread's context; transposes are strides.
 *
 * @param geometry extents
 * @param operands how a and b are stored
 * @param result how y is stored
 * @param precision of the products of FP32 operands
 * @param then what else is added: see {@link Then}
 */
public record MatmulPrimitive(Matmul geometry, Precision operands, Precision result, Precision precision, Then then) {
    public enum Then {
        NOTHING,
        /** A bias in each row. */
        BIAS,
        /** What y holds. */
        Y
    }

    /** FP32 to FP32. */
    public static MatmulPrimitive of(Matmul g, Precision precision) {
        return new MatmulPrimitive(g, Precision.FP32, Precision.FP32, precision, Then.NOTHING);
    }

    MatmulPrimitive then(Then other) {
        return new MatmulPrimitive(geometry, operands, result, precision, other);
    }

    /** The same for another number of rows of a and y. */
    public MatmulPrimitive rows(long m) {
        Matmul g = geometry;
        Matmul other = new Matmul(m, g.k(), g.n(), g.transposeA(), g.transposeB());
        return new MatmulPrimitive(other, operands, result, precision, then);
    }

    public long aRowBytes() {
        return geometry.k() * bytes(operands);
    }

    public long yRowBytes() {
        return geometry.n() * bytes(result);
    }

    private static long bytes(Precision stored) {
        return stored == Precision.BF16 ? Short.BYTES : Float.BYTES;
    }

    /** Operands: a, b, y, and the bias if there is one. */
    public Primitive in(DnnlContext context) {
        return context.get(this, () -> {
            Matmul g = geometry;
            int type = Dnnl.operandType(operands);
            dnnl_memory_desc a = Dnnl.strided(type, new long[] {g.m(), g.k()}, strides(g.transposeA(), g.m(), g.k()));
            dnnl_memory_desc b = Dnnl.strided(type, new long[] {g.k(), g.n()}, strides(g.transposeB(), g.k(), g.n()));
            dnnl_memory_desc y = Dnnl.typed(Dnnl.operandType(result), dnnl_ab, g.m(), g.n());
            dnnl_memory_desc bias = then == Then.BIAS ? Dnnl.tagged(dnnl_ab, 1, g.n()) : null;
            dnnl_primitive_desc pd = MatrixProduct.descriptor(
                    precision, a, b, bias, y, then == Then.Y ? MatrixProduct::sum : MatrixProduct::nothing);
            List<Primitive.Arg> args = new ArrayList<>(List.of(
                    new Primitive.Arg(DNNL_ARG_SRC, a),
                    new Primitive.Arg(DNNL_ARG_WEIGHTS, b),
                    new Primitive.Arg(DNNL_ARG_DST, y)));
            if (bias != null) {
                args.add(new Primitive.Arg(DNNL_ARG_BIAS, bias));
            }
            return new Primitive(context, pd, args.toArray(Primitive.Arg[]::new));
        });
    }

    private static long[] strides(boolean transposed, long rows, long columns) {
        return transposed ? new long[] {1, rows} : new long[] {columns, 1};
    }
}
