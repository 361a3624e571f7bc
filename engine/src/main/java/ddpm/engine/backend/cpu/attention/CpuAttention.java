package ddpm.engine.backend.cpu.attention;

import ddpm.engine.backend.AttentionOps;
import ddpm.engine.backend.AttentionOps.Attention;
import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.cpu.memory.CpuBuffer;
import ddpm.engine.backend.cpu.team.Workers;

/**
 * Attention image by image, each on one core, in blocks of queries: the weights of a block against all keys fit the core's
 * cache, and no other pass than the products touches them. The forward keeps the logarithm of the sum of each query's
 * exp, from which the backward computes the weights again. Dao et al. 2022 ("FlashAttention") without the online softmax,
 * which a cache does not need.
 */
public final class CpuAttention implements AttentionOps {
    private final Workers workers;

    public CpuAttention(Workers workers) {
        this.workers = workers;
    }

    /** Any: the width is only one extent of a product. */
    @Override
    public long widestHead() {
        return Long.MAX_VALUE;
    }

    /** log(sum(exp(score))) of each image, head and query. */
    @Override
    public long stateElements(Attention g) {
        return g.n() * g.heads() * g.tokens();
    }

    @Override
    public void attention(Attention g, Buffer qkv, Buffer y, Buffer state) {
        AttentionTile tile = AttentionTile.of(g);
        workers.forEach(g.n(), (w, image) -> new AttentionForward(tile, w)
                .run(image, (CpuBuffer) qkv, (CpuBuffer) y, (CpuBuffer) state));
    }

    @Override
    public void attentionBackward(Attention g, Buffer qkv, Buffer y, Buffer state, Buffer dy, Buffer dqkv) {
        AttentionTile tile = AttentionTile.of(g);
        workers.forEach(g.n(), (w, image) -> new AttentionBackward(tile, w)
                .run(image, (CpuBuffer) qkv, (CpuBuffer) y, (CpuBuffer) state, (CpuBuffer) dy, (CpuBuffer) dqkv));
    }
}
