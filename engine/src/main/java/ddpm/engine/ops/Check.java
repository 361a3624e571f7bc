package ddpm.engine.ops;

import ddpm.engine.backend.Backend;
import ddpm.engine.backend.Hw;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.PoolOps.Pool;
import ddpm.engine.backend.Precision;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** The checks every operation makes before it computes; messages name the operation and the values that disagree. */
final class Check {
    private Check() {}

    /** All tensors are usable F32 tensors of one backend, and a tape hears of the result where it has to. */
    static void operands(String op, Tensor first, Tensor... others) {
        floats(op, first, others);
        heard(op, first, others);
    }

    private static void floats(String op, Tensor first, Tensor... others) {
        usableFloats(op, first);
        for (Tensor t : others) {
            usableFloats(op, t);
            if (t.backend() != first.backend()) {
                throw new TensorException(op + ": operands on two backends, " + first.shape() + " on "
                        + first.backend().name() + " and " + t.shape() + " on "
                        + t.backend().name() + "; move one with toFloats and Scope.tensor");
            }
        }
    }

    /** As {@link #operands}, but the first may be stored as the backend's {@code operands}. Returns how it is. */
    static Precision operand(String op, Tensor x, Tensor... others) {
        if (x.dtype() != DType.BF16) {
            operands(op, x, others);
            return Precision.FP32;
        }
        x.buffer();
        heard(op, x, others);
        for (Tensor t : others) {
            floats(op, others[0], t);
        }
        boolean elsewhere = others.length > 0 && others[0].backend() != x.backend();
        if (elsewhere || x.backend().operands() != Precision.BF16) {
            Backend wanted = elsewhere ? others[0].backend() : x.backend();
            throw new TensorException(
                    op + ": x=" + x.shape() + " is BF16 on " + x.backend().name() + ", needed is "
                            + wanted.operands() + " on " + wanted.name()
                            + "; use groupNormSilu, groupNorm or linear, whose results are F32");
        }
        return Precision.BF16;
    }

    /**
     * The result, which lives in the scope of {@code first}, is heard of by the tape that is to give the operands their gradients.
     * It is not where {@code first} is a parameter itself, and where it is data of a scope that does not record while another
     * operand was made in one that does.
     */
    static void heard(String op, Tensor first, Tensor... others) {
        if (first.scope().tape() != null) {
            return;
        }
        if (first.requiresGrad() && first.origin() == first) {
            throw new TensorException(op + ": called on the parameter " + first.shape()
                    + ", whose scope does not record, so its gradient would be lost; "
                    + (others.length == 0 ? "" : "begin with the other operand, as in x." + op + "(w), or ")
                    + "write w.in(scope)." + op + "(..) with the scope of the step");
        }
        for (Tensor t : others) {
            if (t.requiresGrad() && t.scope().tape() != null) {
                throw new TensorException(op + ": called on " + first.shape()
                        + ", whose scope does not record, so the gradient of the other operand " + t.shape()
                        + " would be lost; write a.in(scope)." + op + "(..) with the scope of the step");
            }
        }
    }

    /** The element type of a result that is stored for products of this precision. */
    static DType stored(Precision operand) {
        return operand == Precision.BF16 ? DType.BF16 : DType.F32;
    }

    /** {@code t} is a usable F32 tensor. */
    static void usableFloats(String op, Tensor t) {
        t.buffer();
        if (t.dtype() != DType.F32) {
            throw new TensorException(op + ": needs F32 operands, got " + t.dtype() + " " + t.shape());
        }
    }

    /** {@code t} has the shape that {@code x} asks for. */
    static void shape(String op, Tensor x, String name, Tensor t, long... wanted) {
        Shape w = Shape.of(wanted);
        if (!t.shape().equals(w)) {
            throw new TensorException(op + ": with x=" + x.shape() + " " + name + " must be " + plain(w) + ", got "
                    + plain(t.shape()) + "; change one to fit the other");
        }
    }

    /** Weights have four extents too, but not those of an image. */
    private static String plain(Shape s) {
        return Arrays.toString(s.toArray()).replace(" ", "");
    }

    static void atLeastRank1(String op, Tensor x) {
        if (x.shape().rank() == 0) {
            throw new TensorException(op + ": needs at least one extent, got a scalar");
        }
    }

    /** Window of a convolution. */
    static void window(String op, Hw stride, Hw padding) {
        if (stride.h() < 1 || stride.w() < 1 || padding.h() < 0 || padding.w() < 0) {
            throw new TensorException(
                    op + ": needs stride >= 1 and padding >= 0, got stride " + stride + ", padding " + padding);
        }
    }

    /** Windows over the images {@code x}. */
    static Pool pool(String op, Tensor x, Hw window, Hw stride) {
        operands(op, x);
        Nhwc e = x.nhwc(op);
        window(op, stride, Hw.square(0));
        if (window.h() < 1 || window.w() < 1 || window.h() > e.h() || window.w() > e.w()) {
            throw new TensorException(op + ": window " + window + " does not fit into x=" + x.shape()
                    + "; choose 1x1 to " + e.h() + "x" + e.w());
        }
        return new Pool(e, window, stride);
    }

    /** A byte tells the pixels of a window apart. */
    static void places(String op, Pool g) {
        if (g.window().h() * g.window().w() > Pool.MOST_PLACES) {
            throw new TensorException(op + ": window " + g.window() + " has more than " + Pool.MOST_PLACES
                    + " pixels; choose a smaller one, such as 16x16, and pool twice");
        }
    }

    /** {@code numbers} are so many words: those that a step reads from device memory. */
    static void words(String op, int words, Tensor numbers) {
        if (numbers.dtype() != DType.I32 || !numbers.shape().equals(Shape.of(words))) {
            throw new TensorException(
                    op + ": needs numbers I32 [" + words + "], got " + numbers.dtype() + " " + numbers.shape());
        }
    }

    static void sameShape(String op, Tensor a, Tensor b) {
        if (!a.shape().equals(b.shape())) {
            throw new TensorException(op + ": shapes differ, " + a.shape() + " and " + b.shape()
                    + "; pad, crop or slice one to the other's");
        }
    }

    /** {@code parts} divides {@code whole}; the message offers the divisors that are near. */
    static void divides(String op, String partsName, long parts, String wholeName, long whole, Tensor x) {
        if (parts <= 0 || whole % parts != 0) {
            long[] divisors = LongStream.rangeClosed(1, whole)
                    .filter(d -> whole % d == 0)
                    .boxed()
                    .sorted((a, b) -> Long.compare(Math.abs(a - parts), Math.abs(b - parts)))
                    .limit(2)
                    .mapToLong(d -> d)
                    .sorted()
                    .toArray();
            String choices = Arrays.stream(divisors).mapToObj(Long::toString).collect(Collectors.joining(" or "));
            throw new TensorException(op + ": " + partsName + "=" + parts + " does not divide " + wholeName + "="
                    + whole + ", x=" + x.shape() + "; choose " + choices);
        }
    }

    /** {@code x} owns its memory: asked before an operation in place overwrites it. */
    static void inPlace(String op, Tensor x) {
        if (x.origin() != x) {
            throw new TensorException(op + ": tensor " + x.shape()
                    + " is borrowed from another scope and would change there; use the operation that is not in place");
        }
        if (x.sharesMemory()) {
            throw new TensorException(op + ": tensor " + x.shape()
                    + " shares its memory with one of another shape that would change, too; use the operation that is"
                    + " not in place");
        }
    }

    static boolean anyRequiresGrad(Tensor... inputs) {
        for (Tensor t : inputs) {
            if (t.requiresGrad()) {
                return true;
            }
        }
        return false;
    }
}
