package ddpm.engine.backend.cuda;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.HybridLoss;
import ddpm.engine.backend.LossOps;
import ddpm.engine.backend.cuda.kernel.CudaKernel;
import ddpm.engine.backend.cuda.kernel.CudaKernels;
import ddpm.engine.backend.cuda.kernel.Grid;
import ddpm.engine.backend.cuda.memory.CudaMemory;
import ddpm.engine.backend.cuda.memory.Scratch;

/**
 * Reductions to one number in two stages, whose cut depends on the length alone (of an image, not on how many there are): loss.cu
 * and hybrid_loss.cu.
 */
public final class CudaLoss implements LossOps {
    private static final int THREADS = 256; // SUM_THREADS of sum.cuh
    private static final int ROWS_PER_BLOCK = THREADS / 32; // a warp each, in cross_entropy.cu
    private static final int PER_BLOCK = 4096; // elements worth a block
    private static final int MOST_BLOCKS = 1024; // on every GPU, or sums would differ

    private final CudaMemory memory;
    private final CudaKernel msePartial;
    private final CudaKernel mseFinish;
    private final CudaKernel mseBackward;
    private final CudaKernel crossEntropy;
    private final CudaKernel crossEntropyBackward;
    private final CudaKernel keep;
    private final CudaKernel hybridPartial;
    private final CudaKernel hybridBackward;
    private final CudaKernel sumPartial;
    private final CudaKernel sumFinish;

    public CudaLoss(CudaKernels kernels, CudaMemory memory) {
        this.memory = memory;
        msePartial = kernels.get("mse_partial");
        mseFinish = kernels.get("mse_finish");
        mseBackward = kernels.get("mse_backward");
        crossEntropy = kernels.get("cross_entropy");
        crossEntropyBackward = kernels.get("cross_entropy_backward");
        keep = kernels.get("loss_keep");
        hybridPartial = kernels.get("hybrid_partial");
        hybridBackward = kernels.get("hybrid_backward");
        sumPartial = kernels.get("sum_partial");
        sumFinish = kernels.get("sum_finish");
    }

    @Override
    public void mse(long images, long length, Buffer pred, Buffer target, Buffer weight, Buffer perImage, Buffer loss) {
        int parts = blocks(length);
        try (Scratch scratch = new Scratch(memory)) {
            Buffer partial = scratch.allocate(images * parts * Double.BYTES);
            msePartial
                    .blocks(images * parts)
                    .threads(THREADS)
                    .arg(pred)
                    .arg(target)
                    .arg(partial)
                    .arg(length)
                    .arg(parts)
                    .run();
            finish(images, length, partial, weight, perImage, loss);
        }
    }

    /** The second stage. @param weight null where the partial sums have their weights */
    private void finish(long images, long length, Buffer partial, Buffer weight, Buffer perImage, Buffer loss) {
        mseFinish
                .blocks(1)
                .threads(THREADS)
                .arg(partial)
                .arg(weight)
                .arg(perImage)
                .arg(loss)
                .arg(Math.toIntExact(images))
                .arg(length)
                .arg(blocks(length))
                .run();
    }

    @Override
    public void mseBackward(
            long images, long length, Buffer pred, Buffer target, Buffer weight, Buffer dloss, Buffer dpred) {
        int parts = blocks(length);
        mseBackward
                .blocks(images * parts)
                .threads(THREADS)
                .arg(pred)
                .arg(target)
                .arg(weight)
                .arg(dloss)
                .arg(dpred)
                .arg(Math.toIntExact(images))
                .arg(length)
                .arg(parts)
                .run();
    }

    @Override
    public void crossEntropy(long rows, long classes, Buffer x, Buffer label, Buffer logSum, Buffer perRow) {
        crossEntropy
                .blocks((rows + ROWS_PER_BLOCK - 1) / ROWS_PER_BLOCK)
                .threads(THREADS)
                .arg(x)
                .arg(label)
                .arg(logSum)
                .arg(perRow)
                .arg(Math.toIntExact(rows))
                .arg(Math.toIntExact(classes))
                .run();
    }

    @Override
    public void crossEntropyBackward(
            long rows, long classes, Buffer x, Buffer label, Buffer logSum, Buffer dloss, Buffer dx) {
        crossEntropyBackward
                .blocks(Grid.blocks(rows * classes))
                .threads(Grid.THREADS)
                .arg(x)
                .arg(label)
                .arg(logSum)
                .arg(dloss)
                .arg(dx)
                .arg(Math.toIntExact(rows))
                .arg(Math.toIntExact(classes))
                .run();
    }

    @Override
    public void hybrid(
            HybridLoss g,
            Buffer pred,
            Buffer target,
            Buffer xt,
            Buffer weight,
            Buffer row,
            Buffer table,
            Buffer perImage,
            Buffer loss) {
        long length = g.x().pixels() * g.x().c();
        int parts = blocks(length);
        try (Scratch scratch = new Scratch(memory)) {
            Buffer partial = scratch.allocate(g.x().n() * parts * Double.BYTES);
            hybridPartial
                    .blocks(g.x().n() * parts)
                    .threads(THREADS)
                    .arg(pred)
                    .arg(target)
                    .arg(xt)
                    .arg(weight)
                    .arg(row)
                    .arg(table)
                    .arg(partial)
                    .arg(length)
                    .arg((int) g.x().c())
                    .arg(parts)
                    .run();
            finish(g.x().n(), length, partial, null, perImage, loss);
        }
    }

    @Override
    public void hybridBackward(
            HybridLoss g,
            Buffer pred,
            Buffer target,
            Buffer xt,
            Buffer weight,
            Buffer row,
            Buffer table,
            Buffer dloss,
            Buffer dpred) {
        long length = g.x().pixels() * g.x().c();
        int parts = blocks(length);
        hybridBackward
                .blocks(g.x().n() * parts)
                .threads(THREADS)
                .arg(pred)
                .arg(target)
                .arg(xt)
                .arg(weight)
                .arg(row)
                .arg(table)
                .arg(dloss)
                .arg(dpred)
                .arg(Math.toIntExact(g.x().n()))
                .arg(length)
                .arg((int) g.x().c())
                .arg(parts)
                .run();
    }

    @Override
    public void keep(long images, long whole, Buffer batch, Buffer update, Buffer row, Buffer loss, Buffer kept) {
        keep.blocks((images + THREADS - 1) / THREADS)
                .threads(THREADS)
                .arg(batch)
                .arg(update)
                .arg(row)
                .arg(loss)
                .arg(kept)
                .arg(Math.toIntExact(images))
                .arg(Math.toIntExact(whole))
                .run();
    }

    @Override
    public void sum(long n, float factor, Buffer x, Buffer y) {
        int blocks = blocks(n);
        try (Scratch scratch = new Scratch(memory)) {
            Buffer partial = scratch.allocate((long) blocks * Double.BYTES);
            sumPartial
                    .blocks(blocks)
                    .threads(THREADS)
                    .arg(x)
                    .arg(partial)
                    .arg(n)
                    .run();
            sumFinish
                    .blocks(1)
                    .threads(THREADS)
                    .arg(partial)
                    .arg(y)
                    .arg(blocks)
                    .arg(factor)
                    .run();
        }
    }

    private static int blocks(long n) {
        return (int) Math.min(MOST_BLOCKS, Math.max(1, (n + PER_BLOCK - 1) / PER_BLOCK));
    }
}
