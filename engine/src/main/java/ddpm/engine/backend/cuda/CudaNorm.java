package ddpm.engine.backend.cuda;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.NormOps;
import ddpm.engine.backend.NormOps.Activation;
import ddpm.engine.backend.NormOps.GroupNorm;
import ddpm.engine.backend.NormOps.LayerNorm;
import ddpm.engine.backend.cuda.driver.CudaDevice;
import ddpm.engine.backend.cuda.kernel.CudaKernel;
import ddpm.engine.backend.cuda.kernel.CudaKernels;
import ddpm.engine.backend.cuda.kernel.Launch;
import ddpm.engine.backend.cuda.memory.CudaMemory;
import ddpm.engine.backend.cuda.memory.Scratch;

/**
 * Group normalisation: group_norm.cu, and group_norm_split.cu where a group does not fit in shared memory; layer_norm.cu and softmax.cu.
 */
final class CudaNorm implements NormOps {
    private static final int CHANNEL_SUMS = 2; // of d and of d * normal
    private static final int REDUCE_COLUMNS = 32; // of a block of group_norm_parameter_gradients
    private static final int REDUCE_THREADS = 256;
    private static final int ROW_THREADS = 256; // a warp a row
    private static final int ROWS_PER_PART = 64; // of a sum over rows: fixed, so that every GPU gets the same bits
    private static final int SOFTMAX_THREADS = 256;
    private static final int WARP = 32;
    private static final long WARP_ROW = 1024; // elements of a row that a warp takes; of longer ones a block
    private static final long MOST_BLOCKS = 1 << 20; // beyond that they take rows in turns

    private final CudaMemory memory;
    private final int sharedLimit;
    private final CudaKernel forward;
    private final CudaKernel backward;
    private final CudaKernel parameterGradients;
    private final CudaKernel statistics;
    private final CudaKernel apply;
    private final CudaKernel sums;
    private final CudaKernel inputGradient;
    private final CudaKernel layerNorm;
    private final CudaKernel layerNormBackward;
    private final CudaKernel layerNormSums;
    private final CudaKernel softmax;
    private final CudaKernel softmaxBackward;

    /** Two blocks at a time on a multiprocessor, so that one loads while the other computes. */
    CudaNorm(CudaKernels kernels, CudaMemory memory, CudaDevice device) {
        this(kernels, memory, device.pairedSharedBytes());
    }

    /** @param sharedLimit bytes of shared memory above which several blocks share a group */
    CudaNorm(CudaKernels kernels, CudaMemory memory, int sharedLimit) {
        this.memory = memory;
        this.sharedLimit = sharedLimit;
        forward = kernels.get("group_norm_forward_f32");
        backward = kernels.get("group_norm_backward_f32");
        parameterGradients = kernels.get("group_norm_parameter_gradients");
        statistics = kernels.get("group_norm_statistics_f32");
        apply = kernels.get("group_norm_apply_f32");
        sums = kernels.get("group_norm_sums_f32");
        inputGradient = kernels.get("group_norm_input_gradient_f32");
        layerNorm = kernels.get("layer_norm_f32");
        layerNormBackward = kernels.get("layer_norm_backward_f32");
        layerNormSums = kernels.get("layer_norm_sums_f32");
        softmax = kernels.get("softmax_forward");
        softmaxBackward = kernels.get("softmax_backward");
    }

    @Override
    public void groupNorm(GroupNorm g, Buffer x, Buffer gamma, Buffer beta, Buffer y, Buffer mean, Buffer var) {
        GroupNormCut cut = GroupNormCut.of(g, Float.BYTES);
        long shared = cut.tileBytes(cut.pixels()) + cut.groupSumBytes();
        if (shared > sharedLimit) {
            forwardInParts(cut, x, gamma, beta, y, mean, var);
            return;
        }
        Launch launch = forward.blocks(cut.blocks()).threads(cut.threads()).sharedBytes((int) shared);
        launch.arg(x).arg(gamma).arg(beta).arg(y).arg(mean).arg(var);
        run(launch.arg(cut.pixels()), cut);
    }

    private void forwardInParts(
            GroupNormCut cut, Buffer x, Buffer gamma, Buffer beta, Buffer y, Buffer mean, Buffer var) {
        GroupNorm g = cut.geometry();
        long tile = cut.tileBytes(cut.partPixels());
        boolean keep = tile + cut.groupSumBytes() <= sharedLimit;
        try (Scratch scratch = new Scratch(memory)) {
            Buffer parts = scratch.allocate(g.x().n() * g.groups() * cut.parts() * 2 * Float.BYTES);
            geometry(
                            statistics
                                    .blocks(cut.blocks(), cut.parts())
                                    .threads(cut.threads())
                                    .sharedBytes((keep ? (int) tile : 0) + cut.groupSumBytes())
                                    .arg(x)
                                    .arg(parts)
                                    .arg(cut.pixels())
                                    .arg(cut.partPixels()),
                            cut)
                    .arg(keep ? 1 : 0)
                    .run();
            Launch second = apply.blocks(cut.blocks(), cut.parts());
            second.threads(cut.threads()).sharedBytes(cut.groupSumBytes());
            second.arg(x).arg(gamma).arg(beta).arg(parts).arg(y).arg(mean).arg(var);
            run(second.arg(cut.pixels()).arg(cut.partPixels()), cut);
        }
    }

    /** The arguments that all these kernels share. */
    private static Launch geometry(Launch launch, GroupNormCut cut) {
        return launch.arg(Math.toIntExact(cut.geometry().x().c()))
                .arg((int) cut.geometry().groups())
                .arg(cut.groupsPerBlock())
                .arg(cut.width());
    }

    /** The last arguments of all but the statistics, and the launch. */
    private static void run(Launch launch, GroupNormCut cut) {
        GroupNorm g = cut.geometry();
        geometry(launch, cut)
                .arg(g.eps())
                .arg(g.activation() == Activation.SILU ? 1 : 0)
                .run();
    }

    @Override
    public void groupNormBackward(
            GroupNorm g,
            Buffer x,
            Buffer gamma,
            Buffer beta,
            Buffer mean,
            Buffer var,
            Buffer dy,
            Buffer dx,
            Buffer dgamma,
            Buffer dbeta) {
        GroupNormCut cut = GroupNormCut.of(g, Float.BYTES);
        long shared = 2 * cut.tileBytes(cut.pixels()) + cut.channelSumBytes();
        boolean whole = shared <= sharedLimit;
        long rows = g.x().n() * (whole ? 1 : cut.parts());
        try (Scratch scratch = new Scratch(memory)) {
            Buffer channels = scratch.allocate(rows * CHANNEL_SUMS * g.x().c() * Float.BYTES);
            if (whole) {
                Launch launch =
                        backward.blocks(cut.blocks()).threads(cut.threads()).sharedBytes((int) shared);
                launch.arg(x)
                        .arg(gamma)
                        .arg(beta)
                        .arg(mean)
                        .arg(var)
                        .arg(dy)
                        .arg(dx)
                        .arg(channels);
                run(launch.arg(cut.pixels()), cut);
            } else {
                backwardInParts(cut, x, gamma, beta, mean, var, dy, dx, channels);
            }
            sumRows(rows, g.x().c(), channels, dgamma, dbeta);
        }
    }

    /** @param channels [rows,2C]: sums of d, and of d * normal */
    private void sumRows(long rows, long c, Buffer channels, Buffer dgamma, Buffer dbeta) {
        parameterGradients
                .blocks((CHANNEL_SUMS * c + REDUCE_COLUMNS - 1) / REDUCE_COLUMNS)
                .threads(REDUCE_THREADS)
                .arg(channels)
                .arg(dgamma)
                .arg(dbeta)
                .arg(Math.toIntExact(rows))
                .arg((int) c)
                .run();
    }

    private void backwardInParts(
            GroupNormCut cut,
            Buffer x,
            Buffer gamma,
            Buffer beta,
            Buffer mean,
            Buffer var,
            Buffer dy,
            Buffer dx,
            Buffer channels) {
        Launch first = sums.blocks(cut.blocks(), cut.parts());
        first.arg(x).arg(gamma).arg(beta).arg(mean).arg(var).arg(dy).arg(channels);
        Launch second = inputGradient.blocks(cut.blocks(), cut.parts());
        second.arg(x)
                .arg(gamma)
                .arg(beta)
                .arg(mean)
                .arg(var)
                .arg(dy)
                .arg(channels)
                .arg(dx);
        for (Launch launch : new Launch[] {first, second}) {
            launch.threads(cut.threads()).sharedBytes(cut.channelSumBytes());
            run(launch.arg(cut.pixels()).arg(cut.partPixels()), cut);
        }
    }

    @Override
    public void layerNorm(LayerNorm g, Buffer x, Buffer gamma, Buffer beta, Buffer y, Buffer mean, Buffer var) {
        Launch launch = rows(layerNorm, g).arg(x).arg(gamma).arg(beta).arg(y).arg(mean);
        over(g, launch.arg(var)).run();
    }

    @Override
    public void layerNormBackward(
            LayerNorm g,
            Buffer x,
            Buffer gamma,
            Buffer mean,
            Buffer var,
            Buffer dy,
            Buffer dx,
            Buffer dgamma,
            Buffer dbeta) {
        if (gamma != null) {
            long parts = (g.rows() + ROWS_PER_PART - 1) / ROWS_PER_PART;
            try (Scratch scratch = new Scratch(memory)) {
                Buffer channels = scratch.allocate(parts * CHANNEL_SUMS * g.c() * Float.BYTES);
                Launch sums = layerNormSums.blocks(parts, (g.c() + REDUCE_COLUMNS - 1) / REDUCE_COLUMNS);
                sums.threads(REDUCE_THREADS).arg(x).arg(mean).arg(var).arg(dy).arg(channels);
                over(g, sums).arg(ROWS_PER_PART).run();
                sumRows(parts, g.c(), channels, dgamma, dbeta);
            }
        }
        // last, for dx may lie over dy
        Launch launch = rows(layerNormBackward, g).arg(x).arg(gamma).arg(mean).arg(var);
        over(g, launch.arg(dy).arg(dx)).run();
    }

    private static Launch rows(CudaKernel kernel, LayerNorm g) {
        int perBlock = ROW_THREADS / 32;
        return kernel.blocks((g.rows() + perBlock - 1) / perBlock).threads(ROW_THREADS);
    }

    private static Launch over(LayerNorm g, Launch launch) {
        return launch.arg(Math.toIntExact(g.rows())).arg(Math.toIntExact(g.c())).arg(g.eps());
    }

    @Override
    public void softmax(long rows, long length, Buffer x, Buffer y) {
        overRows(softmax, rows, length, x, y);
    }

    @Override
    public void softmaxBackward(long rows, long length, Buffer y, Buffer dy, Buffer dx) {
        overRows(softmaxBackward, rows, length, y, dy, dx);
    }

    /** How a row is cut depends on its length alone. */
    private static void overRows(CudaKernel kernel, long rows, long length, Buffer... buffers) {
        int rowThreads = length <= WARP_ROW ? WARP : SOFTMAX_THREADS;
        int rowsPerBlock = SOFTMAX_THREADS / rowThreads;
        Launch launch = kernel.blocks(Math.min(MOST_BLOCKS, (rows + rowsPerBlock - 1) / rowsPerBlock))
                .threads(SOFTMAX_THREADS);
        for (Buffer b : buffers) {
            launch.arg(b);
        }
        launch.arg(Math.toIntExact(rows))
                .arg(Math.toIntExact(length))
                .arg(rowThreads)
                .run();
    }
}
