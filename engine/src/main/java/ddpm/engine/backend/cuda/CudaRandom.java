package ddpm.engine.backend.cuda;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.NoiseAdd;
import ddpm.engine.backend.RandomOps;
import ddpm.engine.backend.ReverseStep;
import ddpm.engine.random.Stream;

/** Random draws and the diffusion steps built on them: noise_add.cu and reverse_step.cu. */
final class CudaRandom implements RandomOps {
    private final CudaKernel normalFill;
    private final CudaKernel noiseAdd;
    private final CudaKernel qSample;
    private final CudaKernel reverseStep;

    CudaRandom(CudaKernels kernels) {
        normalFill = kernels.get("normal_fill");
        noiseAdd = kernels.get("noise_add");
        qSample = kernels.get("q_sample");
        reverseStep = kernels.get("reverse_step");
    }

    /** Rows of equal length, each cut into parts: a thread makes four values, a block one part of one row. */
    private record Rows(long count, int length, int threads, int parts) {
        private static final int MOST_THREADS = 256;
        private static final int WARP = 32;
        private static final int FOUR = 4;

        static Rows of(long count, long length) {
            int groups = (Math.toIntExact(length) + FOUR - 1) / FOUR;
            int threads = Math.min(MOST_THREADS, (groups + WARP - 1) / WARP * WARP);
            return new Rows(count, (int) length, threads, (groups + threads - 1) / threads);
        }

        static Rows of(Nhwc g) {
            return of(g.n(), g.pixels() * g.c());
        }

        Launch launch(CudaKernel kernel) {
            return kernel.blocks(count * parts).threads(threads);
        }
    }

    @Override
    public void normal(long seed, Stream stream, long firstRow, long step, long rows, long columns, Buffer y) {
        Rows cut = Rows.of(rows, columns);
        cut.launch(normalFill)
                .arg(y)
                .arg(seed)
                .arg(stream.id())
                .arg((int) firstRow)
                .arg((int) step)
                .arg(cut.length())
                .arg(cut.parts())
                .run();
    }

    @Override
    public void noiseAdd(
            NoiseAdd g,
            Buffer numbers,
            Buffer images,
            Buffer sqrtAlphasCumprod,
            Buffer sqrtOneMinusAlphasCumprod,
            Buffer xt,
            Buffer eps,
            Buffer t) {
        Rows cut = Rows.of(g.batch());
        cut.launch(noiseAdd)
                .arg(numbers)
                .arg(images)
                .arg(sqrtAlphasCumprod)
                .arg(sqrtOneMinusAlphasCumprod)
                .arg(xt)
                .arg(eps)
                .arg(t)
                .arg(g.seed())
                .arg(Math.toIntExact(g.images()))
                .arg((int) g.batch().n())
                .arg(cut.length())
                .arg((int) g.batch().w())
                .arg((int) g.batch().c())
                .arg(g.timesteps())
                .arg(g.flip() ? 1 : 0)
                .arg(g.stratified() ? 1 : 0)
                .arg(cut.parts())
                .run();
    }

    @Override
    public void qSample(
            Nhwc g,
            Buffer x0,
            Buffer t,
            Buffer eps,
            Buffer sqrtAlphasCumprod,
            Buffer sqrtOneMinusAlphasCumprod,
            Buffer xt) {
        Rows cut = Rows.of(g);
        cut.launch(qSample)
                .arg(x0)
                .arg(t)
                .arg(eps)
                .arg(sqrtAlphasCumprod)
                .arg(sqrtOneMinusAlphasCumprod)
                .arg(xt)
                .arg(cut.length())
                .arg(cut.parts())
                .run();
    }

    @Override
    public void reverseStep(ReverseStep g, Buffer numbers, Buffer xt, Buffer eps, Buffer out, Buffer x0) {
        Rows cut = Rows.of(g.x());
        cut.launch(reverseStep)
                .arg(numbers)
                .arg(xt)
                .arg(eps)
                .arg(out)
                .arg(x0)
                .arg(g.seed())
                .arg(cut.length())
                .arg(g.clip() ? 1 : 0)
                .arg(cut.parts())
                .run();
    }
}
