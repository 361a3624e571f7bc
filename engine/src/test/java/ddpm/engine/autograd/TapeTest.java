package ddpm.engine.autograd;

import static ddpm.engine.testing.Data.normal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.AttentionOps.Attention;
import ddpm.engine.backend.MemoryOps;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.NormOps.GroupNorm;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import ddpm.engine.testing.Device;
import ddpm.engine.testing.Guarded;
import ddpm.engine.testing.OnEachDevice;
import ddpm.engine.testing.OnEachPrecision;
import ddpm.engine.testing.OpCheck;
import ddpm.engine.testing.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.function.Executable;

class TapeTest {
    private static final Shape THREE = Shape.of(3);

    private static void refused(String part, Executable call) {
        TensorException e = assertThrows(TensorException.class, call);
        assertTrue(e.getMessage().contains(part), () -> part + " in: " + e.getMessage());
    }

    private static Tensor leaf(Scope scope) {
        return scope.leaf(THREE, new float[] {1, 2, 3});
    }

    // ---- gradients add up ----

    /** Every element of the gradient of sum(f(x)) is {@code want}: f is linear. */
    private static void gradient(Device device, float want, UnaryOperator<Tensor> f) {
        try (Scope scope = Scope.recording(new Guarded(device.backend()))) {
            Tensor x = leaf(scope);
            Gradients g = scope.tape().backward(f.apply(x).sum());
            assertArrayEquals(new float[] {want, want, want}, g.of(x).toFloats());
        }
    }

    @OnEachDevice
    void tensorUsedSeveralTimes(Device device) {
        gradient(device, 2, x -> x.add(x));
        gradient(device, 3, x -> x.add(x).add(x));
        gradient(device, 3, x -> x.add(x.add(x)));
        gradient(device, 8, x -> x.scale(2).add(x.scale(5)).add(x));
        gradient(device, 8, x -> x.add(x.scale(2).add(x.scale(5))));
        gradient(device, 4, x -> {
            Tensor twice = x.add(x);
            return twice.add(twice);
        });
        gradient(device, 2 * 7 + 1, x -> {
            Tensor h = x.scale(2);
            return h.add(h.scale(3)).add(h.scale(3)).add(x);
        });
        gradient(device, 5, x -> x.scale(1).addInPlace(x.scale(3)).addInPlace(x));
        gradient(device, 6, x -> {
            Tensor y = x.scale(1).addInPlace(x);
            return y.scale(2).addInPlace(y);
        });
    }

    /** One dy serves both sides of a sum; adding to one side must not change the other. */
    @OnEachDevice
    void sharedGradientsStayApart(Device device) {
        for (boolean sumFirst : new boolean[] {true, false}) {
            try (Scope scope = Scope.recording(new Guarded(device.backend()))) {
                Tensor a = leaf(scope);
                Tensor b = leaf(scope);
                Tensor c = leaf(scope);
                Tensor first = sumFirst ? a.add(b).add(c).sum() : a.scale(3).sum();
                Tensor second = sumFirst ? a.scale(3).sum() : a.add(b).add(c).sum();
                Gradients g = scope.tape().backward(first.add(second));
                assertArrayEquals(new float[] {4, 4, 4}, g.of(a).toFloats());
                assertArrayEquals(new float[] {1, 1, 1}, g.of(b).toFloats());
                assertArrayEquals(new float[] {1, 1, 1}, g.of(c).toFloats());
            }
        }
    }

    /** The same on inner tensors, whose gradients are consumed while others still hold them. */
    @OnEachDevice
    void residualsOfResiduals(Device device) {
        gradient(device, 16, x -> {
            Tensor y = x;
            for (int i = 0; i < 4; i++) {
                y = y.add(y);
            }
            return y;
        });
        gradient(device, 9, x -> {
            Tensor h = x.scale(1);
            Tensor k = h.add(x); // 2x, dk shared by h and x
            return k.add(h.scale(2)).add(k.add(x)).add(h).add(x); // 2 + 2 + 3 + 1 + 1
        });
    }

    /** A block as the model has it, with every kind of sharing, against differences of the composed reference. */
    @OnEachPrecision
    void block(Device device) {
        Nhwc g = new Nhwc(2, 3, 4, 8);
        GroupNorm norm = new GroupNorm(g, 2, 1e-5f);
        Attention attention = new Attention(2, 12, 2, 4);
        OpCheck.on(device, "block")
                .input("x", normal(0, 1), 2, 3, 4, 8)
                .input("gamma", normal(1, 0.3), 8)
                .input("beta", normal(0, 0.3), 8)
                .input("w", normal(0, 0.35), 24, 8)
                .input("b", normal(0, 0.3), 24)
                .input("t", normal(0, 1), 2, 8)
                .reference(in -> {
                    double[] n = Reference.groupNorm(norm, in.x(), in.gamma(), in.beta());
                    double[] qkv = Reference.linear(8, 24, Reference.silu(n), in.w(), in.b());
                    double[] y = Reference.add(Reference.attention(attention, qkv), in.x());
                    double[] z = Reference.add(Reference.addPerImage(g, y, in.get("t")), Reference.silu(y));
                    return Reference.concatChannels(8, z, 8, in.x());
                })
                .op(in -> {
                    Tensor n = in.x().groupNormSilu(in.gamma(), in.beta(), 2, 1e-5f);
                    Tensor y = n.linear(in.w(), in.b()).attention(2).add(in.x());
                    Tensor z = y.addPerImage(in.get("t"));
                    return z.addInPlace(y.silu()).concatChannels(in.x());
                })
                .sum("dgamma", g.n() * g.pixels(), c -> c.sumOf(c.rms("dy")))
                .sum("dbeta", g.n() * g.pixels(), c -> c.sumOf(c.rms("dy")))
                .sum("db", g.n() * g.pixels(), c -> c.sumOf(c.rms("dy")))
                .sum("dw", g.n() * g.pixels(), c -> c.sumOf(c.rms("dy")))
                .tolerance(c -> 16 * c.u() * Math.sqrt(c.terms()) * c.scale()) // some ten roundings behind each other
                .checkForwardAndGradients();
    }

    // ---- only what is wanted ----

    @OnEachDevice
    void onlyWantedGradients(Device device) {
        for (int wanted = 0; wanted < 3; wanted++) {
            try (Scope scope = Scope.recording(new Guarded(device.backend()))) {
                Tensor x = maybeLeaf(scope, wanted == 0, 2, 4, 4, 3);
                Tensor w = maybeLeaf(scope, wanted == 1, 6, 3, 3, 3);
                Tensor b = maybeLeaf(scope, wanted == 2, 6);
                Tensor gamma = maybeLeaf(scope, wanted == 1, 6);
                Tensor beta = maybeLeaf(scope, wanted == 2, 6);
                Tensor y = x.conv2d(w, b, 1, 1).groupNormSilu(gamma, beta, 2, 1e-5f);
                Gradients g = scope.tape().backward(y.mean());
                List<Tensor> all = List.of(x, w, b, gamma, beta);
                for (Tensor t : all) {
                    if (t.requiresGrad()) {
                        assertNotNull(g.find(t));
                    } else {
                        assertNull(g.find(t));
                        refused("no gradient for tensor", () -> g.of(t));
                    }
                }
            }
        }
    }

    private static Tensor maybeLeaf(Scope scope, boolean leaf, long... shape) {
        Shape s = Shape.of(shape);
        float[] values = new float[(int) s.count()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(i + 1);
        }
        return leaf ? scope.leaf(s, values) : scope.tensor(s, values);
    }

    @OnEachDevice
    void leafTheLossDoesNotDependOn(Device device) {
        try (Scope scope = Scope.recording(device.backend())) {
            Tensor x = leaf(scope);
            Tensor unused = leaf(scope);
            unused.silu(); // on the tape, but nothing leads to it
            Gradients g = scope.tape().backward(x.sum());
            assertNull(g.find(unused));
            refused("the loss does not depend on it", () -> g.of(unused));
        }
    }

    /** The gradient of a parameter belongs to its owner, through however many scopes it was seen. */
    @OnEachDevice
    void gradientsOfBorrowedLeaves(Device device) {
        try (Scope owner = Scope.on(device.backend())) {
            Tensor p = leaf(owner);
            long owned = owner.liveBytes();
            for (int step = 0; step < 2; step++) {
                try (Scope scope = Scope.recording(device.backend())) {
                    Tensor a = p.in(scope);
                    Tensor b = p.in(scope);
                    Gradients g =
                            scope.tape().backward(a.scale(2).add(b.scale(3)).sum());
                    assertArrayEquals(new float[] {5, 5, 5}, g.of(p).toFloats());
                    assertArrayEquals(new float[] {5, 5, 5}, g.of(a).toFloats());
                }
                assertArrayEquals(new float[] {1, 2, 3}, p.toFloats());
                assertEquals(owned, owner.liveBytes());
            }
        }
    }

    // ---- refusals ----

    @OnEachDevice
    void backwardTwice(Device device) {
        try (Scope scope = Scope.recording(device.backend())) {
            Tensor x = leaf(scope);
            Tensor y = x.silu();
            Tensor loss = y.sum();
            float before = loss.item();
            scope.tape().backward(loss);
            refused("backward: called twice on one tape", () -> scope.tape().backward(loss));
            refused("the tape has run backward: open a new Scope.recording", x::silu);
            refused("released by backward; read it before", y::toFloats);
            assertEquals(before, loss.item(), "the loss can still be read");
            assertArrayEquals(new float[] {1, 2, 3}, x.toFloats(), "leaves stay");
        }
    }

    @OnEachDevice
    void badLosses(Device device) {
        try (Scope scope = Scope.recording(device.backend());
                Scope other = Scope.recording(device.backend())) {
            Tensor x = leaf(scope);
            refused("backward: needs a loss with one element, got [3]; take its mean()", () -> scope.tape()
                    .backward(x.silu()));
            Tensor constant = scope.zeros(THREE).sum();
            refused("depends on no tensor that requires a gradient", () -> scope.tape()
                    .backward(constant));
            Tensor foreign = x.in(other).sum();
            refused("made in another scope", () -> scope.tape().backward(foreign));
            // none of these used the tape up
            assertArrayEquals(
                    new float[] {1, 1, 1}, scope.tape().backward(x.sum()).of(x).toFloats());
        }
    }

    /** An operation that needs a value for its backward finds out that it was overwritten or released. */
    @OnEachDevice
    void lostActivations(Device device) {
        try (Scope scope = Scope.recording(device.backend())) {
            Tensor h = leaf(scope).scale(2);
            Tensor y = h.silu(); // keeps h
            Tensor loss = h.addInPlace(y).sum();
            refused("overwritten in place", () -> scope.tape().backward(loss));
        }
        try (Scope scope = Scope.recording(device.backend())) {
            Tensor qkv = scope.leaf(Shape.of(1, 2, 6), new float[12]);
            Tensor y = qkv.attention(1); // keeps y
            Tensor loss = y.addInPlace(y.scale(2)).sum();
            refused("overwritten in place", () -> scope.tape().backward(loss));
        }
        try (Scope scope = Scope.recording(device.backend())) {
            Tensor h = leaf(scope).scale(2);
            Tensor loss = h.silu().sum();
            h.release();
            refused("used after its end: released", () -> scope.tape().backward(loss));
        }
        try (Scope scope = Scope.recording(device.backend())) {
            Tensor h = leaf(scope).scale(2);
            Tensor loss = h.scale(3).sum(); // keeps nothing
            h.release();
            scope.tape().backward(loss);
        }
    }

    /** A leaf of a scope that closed before the backward. */
    @OnEachDevice
    void lostLeaf(Device device) {
        try (Scope scope = Scope.recording(device.backend())) {
            Tensor loss;
            try (Scope owner = Scope.on(device.backend())) {
                loss = leaf(owner).in(scope).silu().sum();
            }
            refused("its scope is closed", () -> scope.tape().backward(loss));
        }
    }

    // ---- memory ----

    /** y = x; notes the bytes in use when its backward runs. */
    private record Probe(Tensor x, List<Long> usedBytes) implements Op {
        static Tensor of(Tensor x, List<Long> usedBytes) {
            Tensor y = x.scope().allocate(x.shape(), DType.F32, x.requiresGrad());
            x.backend().memory().copy(x.count() * Float.BYTES, x.buffer(), y.buffer());
            return Tape.record(new Probe(x, usedBytes), y);
        }

        @Override
        public List<Tensor> reads() {
            return List.of();
        }

        @Override
        public void backward(Tensor dy, Gradients into) {
            usedBytes.add(dy.backend().memory().stats().usedBytes());
            into.share(x, dy);
        }
    }

    /** A chain of n activations: backward starts with all of them and ends with a handful, never holding more. */
    @OnEachDevice
    void backwardReleasesAsItGoes(Device device) {
        MemoryOps memory = device.backend().memory();
        int n = 20;
        List<Long> seen = new ArrayList<>();
        try (Scope scope = Scope.recording(device.backend())) {
            Tensor x = scope.leaf(Shape.of(100_000), new float[100_000]);
            long one = x.buffer().bytes();
            long start = memory.stats().usedBytes();
            Tensor y = x;
            for (int i = 0; i < n; i++) {
                y = Probe.of(y.silu(), seen);
            }
            Tensor loss = y.sum();
            long forward = memory.stats().usedBytes();
            assertTrue(forward - start >= 2 * n * one);
            scope.tape().backward(loss);
            assertEquals(n, seen.size());
            for (int i = 0; i < n; i++) {
                long alive = 2L * (n - i) + 2; // activations not yet passed, dy, and small change
                assertTrue(seen.get(i) - start <= alive * one, "at " + i + ": " + (seen.get(i) - start) / one);
            }
            assertTrue(memory.stats().usedBytes() - start < 1.1 * one, "only dx and the loss are left");
        }
    }

    /** A discarded value goes at once where no backward reads it, and stays where one does. */
    @OnEachDevice
    void discardFreesWhatNoBackwardReads(Device device) {
        MemoryOps memory = device.backend().memory();
        try (Scope scope = Scope.recording(device.backend())) {
            Tensor x = scope.leaf(Shape.of(2), new float[] {1, -2});
            Tensor read = x.scale(3); // by the backward of its SiLU
            Tensor unread = read.silu();
            Tensor y = unread.add(x);
            long before = memory.stats().usedBytes();
            read.discard();
            assertEquals(before, memory.stats().usedBytes());
            unread.discard();
            assertTrue(memory.stats().usedBytes() < before);
            refused("released", unread::buffer);
            float[] dx = scope.tape().backward(y.sum()).of(x).toFloats();
            for (int i = 0; i < 2; i++) {
                double s = 1 / (1 + Math.exp(i == 0 ? -3 : 6));
                double a = i == 0 ? 3 : -6;
                assertEquals(1 + 3 * s * (1 + a * (1 - s)), dx[i], 1e-6);
            }
        }
    }

    /** Gradients of activations do not pile up either, with residuals that share them. */
    @OnEachDevice
    void gradientsAreReleased(Device device) {
        MemoryOps memory = device.backend().memory();
        try (Scope scope = Scope.recording(device.backend())) {
            Tensor x = scope.leaf(Shape.of(100_000), new float[100_000]);
            long one = x.buffer().bytes();
            long start = memory.stats().usedBytes();
            Tensor y = x;
            for (int i = 0; i < 10; i++) {
                y = y.add(y.silu()).add(y);
            }
            scope.tape().backward(y.sum());
            assertTrue(memory.stats().usedBytes() - start < 1.1 * one, "only dx and the loss are left");
        }
    }
}
