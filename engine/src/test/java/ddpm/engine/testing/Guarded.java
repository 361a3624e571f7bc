package ddpm.engine.testing;

import ddpm.engine.backend.AttentionOps;
import ddpm.engine.backend.Backend;
import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.ConvOps;
import ddpm.engine.backend.DiffusionOps;
import ddpm.engine.backend.ElementwiseOps;
import ddpm.engine.backend.LabelOps;
import ddpm.engine.backend.LayoutOps;
import ddpm.engine.backend.LossOps;
import ddpm.engine.backend.MatmulOps;
import ddpm.engine.backend.MemoryOps;
import ddpm.engine.backend.NormOps;
import ddpm.engine.backend.OptimizerOps;
import ddpm.engine.backend.PoolOps;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.RandomOps;
import ddpm.engine.backend.Recorder;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * A backend whose memory finds two mistakes: fresh memory is NaN, so an operation that adds instead of overwriting, or
 * leaves a gap, shows; each buffer ends in a fence that must be intact when it is freed.
 */
public final class Guarded implements Backend {
    private static final int FENCE = 64; // floats behind each buffer
    private static final float MARK = Float.intBitsToFloat(0x7FC0BEEF); // a quiet NaN

    private final Backend backend;
    private final MemoryOps memory = new GuardedMemory();
    private final Map<Buffer, Integer> floats = new IdentityHashMap<>();

    public Guarded(Backend backend) {
        this.backend = backend;
    }

    private final class GuardedMemory implements MemoryOps {
        @Override
        public Buffer allocate(long bytes) {
            int count = Math.toIntExact((bytes + 3) / 4);
            Buffer buffer = backend.memory().allocate((count + FENCE) * 4L);
            floats.put(buffer, count);
            float[] fill = new float[count + FENCE];
            Arrays.fill(fill, MARK);
            backend.memory().upload(fill, buffer);
            return buffer;
        }

        @Override
        public Buffer allocateHost(long bytes) {
            return allocate(bytes);
        }

        @Override
        public void free(Buffer buffer) {
            int count = floats.remove(buffer);
            int[] all = new int[count + FENCE];
            backend.memory().download(buffer, all);
            for (int i = count; i < all.length; i++) {
                if (all[i] != Float.floatToRawIntBits(MARK)) {
                    throw new AssertionError("element " + i + " written behind a buffer of " + count);
                }
            }
            backend.memory().free(buffer);
        }

        @Override
        public void zero(Buffer buffer) {
            backend.memory().upload(new float[floats.get(buffer)], buffer);
        }

        @Override
        public void fill(long n, float value, Buffer y) {
            backend.memory().fill(n, value, y);
        }

        @Override
        public void upload(float[] from, Buffer to) {
            backend.memory().upload(from, to);
        }

        @Override
        public void upload(int[] from, Buffer to) {
            backend.memory().upload(from, to);
        }

        @Override
        public void upload(byte[] from, Buffer to) {
            backend.memory().upload(from, to);
        }

        @Override
        public void upload(byte[] from, Buffer to, long at) {
            backend.memory().upload(from, to, at);
        }

        @Override
        public void download(Buffer from, float[] to) {
            backend.memory().download(from, to);
        }

        @Override
        public void download(Buffer from, int[] to) {
            backend.memory().download(from, to);
        }

        @Override
        public void download(Buffer from, byte[] to) {
            backend.memory().download(from, to);
        }

        @Override
        public void copy(long bytes, Buffer from, Buffer to) {
            backend.memory().copy(bytes, from, to);
        }

        @Override
        public Stats stats() {
            return backend.memory().stats();
        }

        @Override
        public long availableBytes() {
            return backend.memory().availableBytes();
        }

        @Override
        public void resetPeak() {
            backend.memory().resetPeak();
        }

        @Override
        public void trim() {
            backend.memory().trim();
        }
    }

    @Override
    public String name() {
        return backend.name();
    }

    @Override
    public Precision precision() {
        return backend.precision();
    }

    @Override
    public Precision operands() {
        return backend.operands();
    }

    @Override
    public MemoryOps memory() {
        return memory;
    }

    @Override
    public ElementwiseOps elementwise() {
        return backend.elementwise();
    }

    @Override
    public LayoutOps layout() {
        return backend.layout();
    }

    @Override
    public ConvOps conv() {
        return backend.conv();
    }

    @Override
    public PoolOps pool() {
        return backend.pool();
    }

    @Override
    public MatmulOps matmul() {
        return backend.matmul();
    }

    @Override
    public NormOps norm() {
        return backend.norm();
    }

    @Override
    public AttentionOps attention() {
        return backend.attention();
    }

    @Override
    public RandomOps random() {
        return backend.random();
    }

    @Override
    public DiffusionOps diffusion() {
        return backend.diffusion();
    }

    @Override
    public LabelOps label() {
        return backend.label();
    }

    @Override
    public LossOps loss() {
        return backend.loss();
    }

    @Override
    public OptimizerOps optimizer() {
        return backend.optimizer();
    }

    @Override
    public boolean asynchronous() {
        return backend.asynchronous();
    }

    @Override
    public Recorder recorder() {
        return backend.recorder();
    }

    @Override
    public void synchronize() {
        backend.synchronize();
    }

    /** Leaves the wrapped backend open. */
    @Override
    public void close() {}
}
