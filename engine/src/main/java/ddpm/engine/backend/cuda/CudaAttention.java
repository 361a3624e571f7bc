package ddpm.engine.backend.cuda;

import ddpm.engine.backend.AttentionOps;
import ddpm.engine.backend.AttentionOps.Attention;
import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.BackendException.Instead;
import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cuda.kernel.CudaKernels;
import ddpm.engine.backend.cuda.kernel.Launch;
import ddpm.engine.backend.cuda.memory.CudaMemory;
import ddpm.engine.backend.cuda.memory.Scratch;
import java.util.List;

/**
 * Attention by our own kernels, one family for each width of a head: fp32 (attention_forward.cu, attention_backward.cu),
 * or bf16 on tensor cores (attention_mma_*.cu), which take heads of up to 64; wider ones are computed in fp32 then, too. A head
 * between two widths takes the wider one's kernels, which pad it with zeros in registers and shared memory.
 */
public final class CudaAttention implements AttentionOps {
    private static final List<String> PASSES = List.of("forward", "backward_query", "backward_key");
    private static final int WIDEST = 256;
    private static final int NARROWEST = 4;
    private static final int MMA_NARROWEST = 8;
    private static final int MMA_WIDEST = 64;
    private static final int MMA_THREADS = 128; // attention_mma.cuh
    private static final int MMA_ROWS = 64;
    private static final int THREADS = 64; // attention_rows.cuh
    private static final int MOST_ROWS = 128;

    private final CudaKernels kernels;
    private final CudaMemory memory;
    private final boolean tensorCores;

    public CudaAttention(CudaKernels kernels, CudaMemory memory, Precision precision) {
        this.kernels = kernels;
        this.memory = memory;
        this.tensorCores = precision == Precision.BF16;
        for (int width = narrowest(); width <= WIDEST; width *= 2) {
            for (String pass : PASSES) {
                kernels.get(
                        family(width) + pass + "_d" + width); // fails here, not in a step, where the build lacks one
            }
        }
    }

    @Override
    public long widestHead() {
        return WIDEST;
    }

    /** The logarithm of each softmax's denominator, [N,heads,T]. */
    @Override
    public long stateElements(Attention g) {
        return g.n() * g.heads() * g.tokens();
    }

    @Override
    public void attention(Attention g, Buffer qkv, Buffer y, Buffer state) {
        geometry(g, launch("forward", g).arg(qkv).arg(y).arg(state)).run();
    }

    @Override
    public void attentionBackward(Attention g, Buffer qkv, Buffer y, Buffer state, Buffer dy, Buffer dqkv) {
        try (Scratch scratch = new Scratch(memory)) {
            Buffer delta = scratch.allocate(stateElements(g) * Float.BYTES); // dy . y of each row, from query to key
            Launch query = launch("backward_query", g);
            geometry(g, query.arg(qkv).arg(y).arg(state).arg(dy).arg(dqkv).arg(delta))
                    .run();
            Launch key = launch("backward_key", g);
            geometry(g, key.arg(qkv).arg(state).arg(delta).arg(dy).arg(dqkv)).run();
        }
    }

    private Launch launch(String pass, Attention g) {
        int width = kernelWidth(g);
        boolean mma = onTensorCores(width);
        long rows = mma ? MMA_ROWS : Math.min(MOST_ROWS, 2048 / width);
        long blocks = (g.tokens() + rows - 1) / rows;
        return kernels.get(family(width) + pass + "_d" + width)
                .blocks(g.n() * g.heads() * blocks)
                .threads(mma ? MMA_THREADS : THREADS);
    }

    private static Launch geometry(Attention g, Launch launch) {
        return launch.arg((int) g.tokens())
                .arg((int) g.heads())
                .arg((int) g.headDim())
                .arg((float) (1 / Math.sqrt(g.headDim())));
    }

    /** The narrowest kernel that a head fits in. */
    private int kernelWidth(Attention g) {
        if (g.headDim() > WIDEST) {
            throw new BackendException(
                    "cuda: attention: headDim=" + g.headDim() + " (C=" + g.width() + ", heads=" + g.heads()
                            + ") is wider than the kernels' " + WIDEST,
                    "choose heads=" + enoughHeads(g.width()),
                    Instead.CPU);
        }
        int width = narrowest();
        while (width < g.headDim()) {
            width *= 2;
        }
        return width;
    }

    private String family(int width) {
        return onTensorCores(width) ? "attention_mma_" : "attention_";
    }

    private boolean onTensorCores(int width) {
        return tensorCores && width <= MMA_WIDEST;
    }

    private int narrowest() {
        return tensorCores ? MMA_NARROWEST : NARROWEST;
    }

    /** The fewest heads that divide the width and make none wider than the kernels. */
    private static long enoughHeads(long width) {
        long heads = (width + WIDEST - 1) / WIDEST;
        while (width % heads != 0) {
            heads++;
        }
        return heads;
    }
}
