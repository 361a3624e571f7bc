package ddpm.engine.ops;

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

    /** All tensors are usable F32 tensors of one backend. */
    static void operands(String op, Tensor first, Tensor... others) {
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

    private static void usableFloats(String op, Tensor t) {
        t.buffer();
        if (t.dtype() != DType.F32) {
            throw new TensorException(op + ": needs F32 operands, got " + t.dtype() + " " + t.shape());
        }
    }

    static void shape(String op, String name, Tensor t, long... wanted) {
        Shape w = Shape.of(wanted);
        if (!t.shape().equals(w)) {
            throw new TensorException(op + ": " + name + " must be " + w + ", got " + t.shape());
        }
    }

    static void sameShape(String op, Tensor a, Tensor b) {
        if (!a.shape().equals(b.shape())) {
            throw new TensorException(op + ": shapes differ, " + a.shape() + " and " + b.shape());
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
