package ddpm.engine.backend.cpu.conv;

import static ddpm.engine.backend.cpu.memory.CpuBuffer.address;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.ConvOps;
import ddpm.engine.backend.ConvOps.ConvSpec;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cpu.conv.ConvPlan.Pass;
import ddpm.engine.backend.cpu.memory.CpuBuffer;
import ddpm.engine.backend.cpu.memory.CpuMemory;
import ddpm.engine.backend.cpu.team.Blocks;
import ddpm.engine.backend.cpu.team.PartialSums;
import ddpm.engine.backend.cpu.team.Split;
import ddpm.engine.backend.cpu.team.Worker;
import ddpm.engine.backend.cpu.team.Workers;

/**
 * Convolutions by oneDNN, each thread on its share of the images. Activations stay plain [N,H,W,C]; weights are
 * reordered on every call into the layout oneDNN asks for: with plain weights it falls back to implementations up to a
 * hundred times slower.
 */
public final class CpuConv implements ConvOps {
    private final Workers workers;
    private final CpuMemory memory;
    private final Blocks blocks;
    private final TapProducts taps;
    private final Winograd winograd;
    private final Precision precision;

    public CpuConv(Workers workers, CpuMemory memory, Precision precision) {
        this.workers = workers;
        this.memory = memory;
        this.blocks = new Blocks(workers);
        this.taps = new TapProducts(workers, memory);
        this.winograd = new Winograd(workers);
        this.precision = precision;
    }

    @Override
    public void conv2d(ConvSpec g, Buffer x, Buffer w, Buffer b, Buffer y) {
        if (Winograd.pays(g, precision)) {
            winograd.forward(g, x, w, b, y);
            return;
        }
        Split split = Split.of(g.x().n(), workers.threads());
        withWeights(
                g,
                split,
                Pass.FORWARD,
                w,
                weights -> workers.forEach(split.count(), (worker, i) -> {
                    ConvPlan p = plan(worker, g, split, i, Pass.FORWARD);
                    long in = p.operand(worker, 0, address(x) + split.from(i) * g.xBytes());
                    p.conv().run(in, weights.of(split, i), address(b), address(y) + split.from(i) * g.yBytes());
                }));
    }

    @Override
    public void conv2dBackwardData(ConvSpec g, Buffer dy, Buffer w, Buffer dx) {
        if (Winograd.pays(g, precision)) {
            winograd.backwardData(g, dy, w, dx);
            return;
        }
        Split split = Split.of(g.x().n(), workers.threads());
        withWeights(
                g,
                split,
                Pass.BACKWARD_DATA,
                w,
                weights -> workers.forEach(split.count(), (worker, i) -> {
                    ConvPlan p = plan(worker, g, split, i, Pass.BACKWARD_DATA);
                    long in = p.operand(worker, 0, address(dy) + split.from(i) * g.yBytes());
                    p.conv().run(in, weights.of(split, i), address(dx) + split.from(i) * g.dxBytes());
                }));
    }

    @Override
    public void conv2dBackwardWeights(ConvSpec g, Buffer x, Buffer dy, Buffer dw, Buffer db) {
        if (Winograd.pays(g, precision)) {
            winograd.backwardWeights(g, x, dy, dw, db);
            return;
        }
        if (TapProducts.pays(g, precision)) {
            taps.run(g, x, dy, dw, db);
            return;
        }
        Split split = Split.of(g.x().n(), workers.threads());
        Sums sums = new Sums(split, g, dw, db);
        workers.forEach(split.count(), (worker, i) -> sums.add(worker, i, x, dy));
        sums.addUp();
    }

    /** Each thread rounds its share of dy once and has it in its cache for the second product. */
    @Override
    public void conv2dBackward(ConvSpec g, Buffer x, Buffer dy, Buffer w, Buffer dx, Buffer dw, Buffer db) {
        if (Winograd.pays(g, precision) || TapProducts.pays(g, precision)) {
            conv2dBackwardData(g, dy, w, dx);
            conv2dBackwardWeights(g, x, dy, dw, db);
            return;
        }
        Split split = Split.of(g.x().n(), workers.threads());
        Sums sums = new Sums(split, g, dw, db);
        withWeights(
                g,
                split,
                Pass.BACKWARD_DATA,
                w,
                weights -> workers.forEach(split.count(), (worker, i) -> {
                    long gradient = sums.add(worker, i, x, dy);
                    plan(worker, g, split, i, Pass.BACKWARD_DATA)
                            .conv()
                            .run(gradient, weights.of(split, i), address(dx) + split.from(i) * g.dxBytes());
                }));
        sums.addUp();
    }

    /** Each part of the images gives its own gradients of weights and bias, which are added in order afterwards. */
    private final class Sums {
        private final Split split;
        private final ConvSpec g;
        private final PartialSums dws;
        private final PartialSums dbs;

        Sums(Split split, ConvSpec g, Buffer dw, Buffer db) {
            this.split = split;
            this.g = g;
            this.dws = new PartialSums(memory, dw, g.weights(), split.count());
            this.dbs = new PartialSums(memory, db, g.y().c(), split.count());
        }

        /** Computes those of part {@code i}. Returns where its dy is as an operand, until the thread's next product. */
        long add(Worker worker, long i, Buffer x, Buffer dy) {
            ConvPlan p = plan(worker, g, split, i, Pass.BACKWARD_WEIGHTS);
            long plain = dws.address(i);
            long blocked = p.reorder() == null
                    ? plain
                    : worker.natives(0, p.weightBytes() / Float.BYTES).address();
            long in = p.operand(worker, 0, address(x) + split.from(i) * g.xBytes());
            long gradient = p.operand(worker, 1, address(dy) + split.from(i) * g.yBytes());
            p.conv().run(in, gradient, blocked, dbs.address(i));
            if (p.reorder() != null) {
                p.reorder().run(blocked, plain);
            }
            return gradient;
        }

        void addUp() {
            dws.addUp(blocks);
            dbs.addUp(blocks);
        }
    }

    private ConvPlan plan(Worker worker, ConvSpec g, Split split, long part, Pass pass) {
        return ConvPlan.of(worker.context(), g.withN(split.length(part)), pass, precision);
    }

    /** Where each part finds its weights; parts of another size may want another layout. */
    private record Weights(long all, long last) {
        long of(Split split, long part) {
            return part == split.count() - 1 ? last : all;
        }
    }

    private interface WithWeights {
        void run(Weights weights);
    }

    private void withWeights(ConvSpec g, Split split, Pass pass, Buffer w, WithWeights call) {
        CpuBuffer all = reordered(plan(workers.caller(), g, split, 0, pass), (CpuBuffer) w);
        int lastPart = split.count() - 1;
        boolean uneven = split.length(lastPart) != split.length(0);
        CpuBuffer last = uneven ? reordered(plan(workers.caller(), g, split, lastPart, pass), (CpuBuffer) w) : all;
        call.run(new Weights(all.address(), last.address()));
        freeUnless(w, all);
        if (uneven) {
            freeUnless(w, last);
        }
    }

    private CpuBuffer reordered(ConvPlan p, CpuBuffer w) {
        if (p.reorder() == null) {
            return w;
        }
        CpuBuffer blocked = memory.allocate(p.weightBytes());
        p.reorder().run(w.address(), blocked.address());
        return blocked;
    }

    private void freeUnless(Buffer kept, CpuBuffer b) {
        if (b != kept) {
            memory.free(b);
        }
    }
}
