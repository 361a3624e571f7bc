package ddpm.engine.backend.cuda;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.RandomOps;
import ddpm.engine.backend.RandomOps.Dropout;
import ddpm.engine.backend.cuda.kernel.CudaKernel;
import ddpm.engine.backend.cuda.kernel.CudaKernels;
import ddpm.engine.backend.cuda.kernel.RowCut;
import ddpm.engine.random.Stream;

/** Random draws: normal_fill of noise_add.cu, and dropout.cu. */
final class CudaRandom implements RandomOps {
    private final CudaKernel normalFill;
    private final CudaKernel dropout;

    CudaRandom(CudaKernels kernels) {
        normalFill = kernels.get("normal_fill");
        dropout = kernels.get("dropout");
    }

    @Override
    public void normal(long seed, Stream stream, long firstRow, long step, long rows, long columns, Buffer y) {
        RowCut cut = RowCut.of(rows, columns);
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
    public void dropout(Dropout g, Buffer numbers, Buffer x, Buffer y) {
        RowCut cut = RowCut.of(g.rows(), g.columns());
        cut.launch(dropout)
                .arg(numbers)
                .arg(x)
                .arg(y)
                .arg(g.seed())
                .arg(g.stream().id())
                .arg((int) g.threshold())
                .arg(g.factor())
                .arg(cut.length())
                .arg(cut.parts())
                .run();
    }
}
