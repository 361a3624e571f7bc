package ddpm.engine.backend.cpu;

import static ddpm.engine.backend.cpu.memory.CpuBuffer.floats;
import static ddpm.engine.backend.cpu.memory.CpuBuffer.ints;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.OptimizerOps;
import ddpm.engine.backend.OptimizerOps.AdamStep;
import ddpm.engine.backend.OptimizerOps.ClipStep;
import ddpm.engine.backend.OptimizerOps.SgdSlot;
import ddpm.engine.backend.OptimizerOps.SgdStep;
import ddpm.engine.backend.OptimizerOps.UpdateNumbers;
import ddpm.engine.backend.cpu.memory.CpuBuffer;
import ddpm.engine.backend.cpu.team.Blocks;
import ddpm.engine.backend.cpu.team.Workers;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/** Updates over all parameters, in blocks that the worker threads share. */
final class CpuOptimizer implements OptimizerOps {
    private static final int NORM = 0; // places in the state
    private static final int SCALE = 1;
    private static final int GOOD = 2;

    /** One block of one parameter. */
    private record Piece(int slot, int at, int length) {}

    private final Workers workers;

    CpuOptimizer(Workers workers) {
        this.workers = workers;
    }

    @Override
    public void clip(
            ClipStep g, Buffer numbers, Buffer loss, List<Long> n, List<Buffer> grads, Buffer state, Buffer results) {
        FloatBuffer s = floats(state);
        float lossNow = floats(loss).get(0);
        double exact = globalNorm(n, grads);
        float norm = (float) exact;
        s.put(NORM, norm);
        s.put(SCALE, g.maxNorm() == 0 ? 1 : (float) Math.min(1, g.maxNorm() / (exact + ClipStep.EPS)));
        if (!Float.isFinite(lossNow) || !Float.isFinite(norm)) {
            s.put(GOOD, 0);
        }
        int at = 2 * ints(numbers).get(UpdateNumbers.SLOT);
        floats(results).put(at, lossNow);
        floats(results).put(at + 1, norm);
    }

    @Override
    public void adam(AdamStep g, Buffer numbers, Buffer state, List<Slot> slots) {
        if (floats(state).get(GOOD) == 0) {
            return;
        }
        Update u = Update.of(g, (CpuBuffer) numbers, floats(state).get(SCALE));
        List<Piece> pieces = cut(slots.stream().map(Slot::n).toList());
        workers.forEach(pieces.size(), (w, item) -> {
            Piece piece = pieces.get((int) item);
            Slot s = slots.get(piece.slot());
            float[] p = Blocks.read(w, 0, s.p(), piece.at(), piece.length());
            float[] grad = Blocks.read(w, 1, s.grad(), piece.at(), piece.length());
            float[] m = Blocks.read(w, 2, s.m(), piece.at(), piece.length());
            float[] v = Blocks.read(w, 3, s.v(), piece.at(), piece.length());
            u.apply(piece.length(), p, grad, m, v);
            write(p, s.p(), piece);
            write(m, s.m(), piece);
            write(v, s.v(), piece);
        });
    }

    /** The update's numbers in float, in the order torch.optim.Adam applies them. */
    private record Update(
            float gradScale,
            float l2,
            float keep,
            float beta1,
            float rest1,
            float beta2,
            float rest2,
            float stepSize,
            float rootScale,
            float eps) {
        static Update of(AdamStep g, CpuBuffer numbers, float gradScale) {
            return new Update(
                    gradScale,
                    g.decays() ? (float) g.l2() : 0,
                    g.decays() ? numbers.floatOfWord(UpdateNumbers.KEEP) : 1,
                    (float) g.beta1(),
                    (float) (1 - g.beta1()),
                    (float) g.beta2(),
                    (float) (1 - g.beta2()),
                    numbers.floatOfWord(UpdateNumbers.STEP_SIZE),
                    numbers.floatOfWord(UpdateNumbers.ROOT_SCALE),
                    (float) g.eps());
        }

        void apply(int length, float[] p, float[] grad, float[] m, float[] v) {
            for (int i = 0; i < length; i++) {
                float w = p[i] * keep;
                float d = grad[i] * gradScale + l2 * w;
                m[i] = m[i] * beta1 + d * rest1;
                v[i] = v[i] * beta2 + d * d * rest2;
                p[i] = w - stepSize * m[i] / ((float) Math.sqrt(v[i]) * rootScale + eps);
            }
        }
    }

    @Override
    public void sgd(SgdStep g, Buffer numbers, Buffer state, List<SgdSlot> slots) {
        if (floats(state).get(GOOD) == 0) {
            return;
        }
        float scale = floats(state).get(SCALE);
        float stepSize = ((CpuBuffer) numbers).floatOfWord(UpdateNumbers.STEP_SIZE);
        List<Piece> pieces = cut(slots.stream().map(SgdSlot::n).toList());
        workers.forEach(pieces.size(), (w, item) -> {
            Piece piece = pieces.get((int) item);
            SgdSlot s = slots.get(piece.slot());
            float[] p = Blocks.read(w, 0, s.p(), piece.at(), piece.length());
            float[] d = Blocks.read(w, 1, s.grad(), piece.at(), piece.length());
            float[] velocity = Blocks.read(w, 2, s.velocity(), piece.at(), piece.length());
            for (int i = 0; i < piece.length(); i++) {
                d[i] = d[i] * scale + g.l2() * p[i];
                velocity[i] = velocity[i] * g.momentum() + d[i];
            }
            float[] by = velocity;
            if (g.nesterov()) {
                by = d;
                for (int i = 0; i < piece.length(); i++) {
                    d[i] += g.momentum() * velocity[i];
                }
            }
            for (int i = 0; i < piece.length(); i++) {
                p[i] -= stepSize * by[i];
            }
            write(p, s.p(), piece);
            write(velocity, s.velocity(), piece);
        });
    }

    @Override
    public void ema(int which, Buffer numbers, Buffer state, List<Long> n, List<Buffer> p, List<Buffer> ema) {
        if (floats(state).get(GOOD) == 0) {
            return;
        }
        float rest = ((CpuBuffer) numbers).floatOfWord(UpdateNumbers.EMA_REST + which);
        List<Piece> pieces = cut(n);
        workers.forEach(pieces.size(), (w, item) -> {
            Piece piece = pieces.get((int) item);
            float[] a = Blocks.read(w, 0, p.get(piece.slot()), piece.at(), piece.length());
            float[] e = Blocks.read(w, 1, ema.get(piece.slot()), piece.at(), piece.length());
            for (int i = 0; i < piece.length(); i++) {
                e[i] += (a[i] - e[i]) * rest;
            }
            write(e, ema.get(piece.slot()), piece);
        });
    }

    /** Square root of the sum of squares over all gradients. */
    private double globalNorm(List<Long> n, List<Buffer> grads) {
        List<Piece> pieces = cut(n);
        double[] sums = new double[pieces.size()];
        workers.forEach(pieces.size(), (w, item) -> {
            Piece piece = pieces.get((int) item);
            float[] a = Blocks.read(w, 0, grads.get(piece.slot()), piece.at(), piece.length());
            double s = 0;
            for (int i = 0; i < piece.length(); i++) {
                s += (double) a[i] * a[i];
            }
            sums[(int) item] = s;
        });
        double total = 0;
        for (double s : sums) {
            total += s;
        }
        return Math.sqrt(total);
    }

    private static List<Piece> cut(List<Long> sizes) {
        List<Piece> pieces = new ArrayList<>();
        for (int slot = 0; slot < sizes.size(); slot++) {
            long n = sizes.get(slot);
            for (int at = 0; at < n; at += Blocks.SIZE) {
                pieces.add(new Piece(slot, at, (int) Math.min(Blocks.SIZE, n - at)));
            }
        }
        return pieces;
    }

    private static void write(float[] block, Buffer to, Piece piece) {
        floats(to).put(piece.at(), block, 0, piece.length());
    }
}
