package ddpm.engine.profile;

import ddpm.engine.backend.AttentionOps.Attention;
import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.ConvOps.ConvSpec;
import ddpm.engine.backend.MatmulOps.Linear;
import ddpm.engine.backend.MatmulOps.Matmul;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.NoiseAdd;
import ddpm.engine.backend.NormOps.Activation;
import ddpm.engine.backend.NormOps.GroupNorm;
import ddpm.engine.backend.OptimizerOps;
import ddpm.engine.backend.PoolOps.Pool;
import ddpm.engine.backend.ReverseStep;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** One call of a family: its method and arguments, and what they say of shape and work. */
record Call(String method, Object[] arguments) {
    /** The geometry in short: {@code 64x28x28x32 to 64, 3x3 stride 1x1}. */
    String shape() {
        List<String> parts = new ArrayList<>();
        for (Object a : arguments) {
            String part = text(a);
            if (!part.isEmpty()) {
                parts.add(part);
            }
        }
        return String.join(" ", parts);
    }

    private static String text(Object a) {
        if (a instanceof Nhwc x) {
            return x.n() + "x" + x.h() + "x" + x.w() + "x" + x.c();
        } else if (a instanceof ConvSpec g) {
            return text(g.x()) + " to " + g.y().c() + ", " + g.kernel() + " stride " + g.stride()
                    + (g.transposed() ? " transposed" : "");
        } else if (a instanceof Pool g) {
            return text(g.x()) + ", " + g.window() + " stride " + g.stride();
        } else if (a instanceof GroupNorm g) {
            String then = g.activation() == Activation.SILU ? ", then SiLU" : "";
            return text(g.x()) + " in " + g.groups() + " groups" + then;
        } else if (a instanceof Matmul g) {
            return g.m() + "x" + g.k() + (g.transposeA() ? "^T" : "") + " * " + g.k() + "x" + g.n()
                    + (g.transposeB() ? "^T" : "");
        } else if (a instanceof Linear g) {
            return g.rows() + "x" + g.in() + " to " + g.out();
        } else if (a instanceof Attention g) {
            return g.n() + " images, " + g.tokens() + " tokens, " + g.heads() + " heads of " + g.headDim();
        } else if (a instanceof NoiseAdd g) {
            return text(g.batch());
        } else if (a instanceof ReverseStep g) {
            return text(g.x());
        } else if (a instanceof List<?> list) {
            return list.isEmpty() || list.get(0) instanceof Buffer ? "" : list.size() + " tensors";
        }
        return a instanceof Long ? a.toString() : "";
    }

    /** Size of the buffers among the arguments. */
    long bytes() {
        if (method.equals("copy")) {
            return 2 * (long) arguments[0];
        }
        long bytes = 0;
        for (int i = 0; i < arguments.length; i++) {
            boolean dataSet = arguments[0] instanceof NoiseAdd && i == 2; // of which it reads the batch
            bytes += dataSet ? ((NoiseAdd) arguments[0]).batch().count() : bytes(arguments[i]);
        }
        return bytes;
    }

    private static long bytes(Object a) {
        if (a instanceof Buffer b) {
            return b.bytes();
        } else if (a instanceof OptimizerOps.Slot s) {
            return bytes(s.p()) + bytes(s.grad()) + bytes(s.m()) + bytes(s.v());
        } else if (a instanceof List<?> list) {
            return list.stream().mapToLong(Call::bytes).sum();
        }
        return 0;
    }

    /** Two for each product that is added; 0 where the operation is no sum of products. */
    double flops() {
        Object g = arguments.length == 0 ? null : arguments[0];
        if (g instanceof ConvSpec c) {
            int products = method.equals("conv2dBackward") ? 2 : 1;
            Nhwc windows = c.convolution().y();
            return 2.0 * products * windows.n() * windows.pixels() * c.weights();
        } else if (g instanceof Matmul m) {
            return 2.0 * m.m() * m.k() * m.n();
        } else if (g instanceof Linear l) {
            long products = method.equals("linear")
                    ? 1
                    : Stream.of(arguments[4], arguments[5]) // the gradients of x and of the weights
                            .filter(Objects::nonNull)
                            .count();
            return 2.0 * products * l.rows() * l.in() * l.out();
        } else if (g instanceof Attention a) {
            int products = method.endsWith("Backward") ? 5 : 2; // the backward multiplies queries and keys once more
            return 2.0 * products * a.n() * a.tokens() * a.tokens() * a.width();
        }
        return 0;
    }
}
