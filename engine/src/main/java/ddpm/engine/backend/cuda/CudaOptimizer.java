package ddpm.engine.backend.cuda;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.OptimizerOps;
import ddpm.engine.backend.OptimizerOps.AdamStep;
import ddpm.engine.backend.OptimizerOps.ClipStep;
import ddpm.engine.backend.OptimizerOps.SgdSlot;
import ddpm.engine.backend.OptimizerOps.SgdStep;
import ddpm.engine.backend.cuda.kernel.CudaKernel;
import ddpm.engine.backend.cuda.kernel.CudaKernels;
import ddpm.engine.backend.cuda.memory.CudaMemory;
import ddpm.engine.backend.cuda.memory.Scratch;
import ddpm.engine.backend.cuda.memory.SlotList;
import java.util.ArrayList;
import java.util.List;

/** Updates of all parameters in few launches: optimizer.cu and reduce.cu. */
final class CudaOptimizer implements OptimizerOps {
    private static final int ADAM_SLOTS = 88; // capacities of the kernels' SlotList
    private static final int SGD_SLOTS = 108;
    private static final int EMA_SLOTS = 140;
    private static final int SQUARE_SLOTS = 192;

    private final CudaMemory memory;
    private final CudaKernel squareSums;
    private final CudaKernel gradientClip;
    private final CudaKernel adam;
    private final CudaKernel sgd;
    private final CudaKernel ema;

    CudaOptimizer(CudaKernels kernels, CudaMemory memory) {
        this.memory = memory;
        squareSums = kernels.get("square_sums");
        gradientClip = kernels.get("gradient_clip");
        adam = kernels.get("adam");
        sgd = kernels.get("sgd");
        ema = kernels.get("ema");
    }

    @Override
    public void clip(
            ClipStep g, Buffer numbers, Buffer loss, List<Long> n, List<Buffer> grads, Buffer state, Buffer results) {
        int parts = SlotList.blocks(n);
        List<List<Buffer>> buffers = grads.stream().map(List::of).toList();
        try (Scratch scratch = new Scratch(memory)) {
            Buffer partial = scratch.allocate(Math.max(1, parts) * (long) Double.BYTES);
            for (SlotList list : SlotList.cut(SQUARE_SLOTS, n, buffers)) {
                squareSums
                        .blocks(list.blocks())
                        .threads(SlotList.THREADS)
                        .arg(partial)
                        .arg(list)
                        .run();
            }
            gradientClip
                    .blocks(1)
                    .threads(SlotList.THREADS)
                    .arg(numbers)
                    .arg(loss)
                    .arg(partial)
                    .arg(state)
                    .arg(results)
                    .arg(parts)
                    .arg(g.maxNorm())
                    .run();
        }
    }

    @Override
    public void adam(AdamStep g, Buffer numbers, Buffer state, List<Slot> slots) {
        List<Long> n = slots.stream().map(Slot::n).toList();
        List<List<Buffer>> buffers =
                slots.stream().map(s -> List.of(s.p(), s.grad(), s.m(), s.v())).toList();
        for (SlotList list : SlotList.cut(ADAM_SLOTS, n, buffers)) {
            adam.blocks(list.blocks())
                    .threads(SlotList.THREADS)
                    .arg(numbers)
                    .arg(state)
                    .arg((float) g.beta1())
                    .arg((float) (1 - g.beta1()))
                    .arg((float) g.beta2())
                    .arg((float) (1 - g.beta2()))
                    .arg((float) g.eps())
                    .arg(g.decays() ? (float) g.l2() : 0f)
                    .arg(g.decays() ? 1 : 0)
                    .arg(list)
                    .run();
        }
    }

    @Override
    public void sgd(SgdStep g, Buffer numbers, Buffer state, List<SgdSlot> slots) {
        List<Long> n = slots.stream().map(SgdSlot::n).toList();
        List<List<Buffer>> buffers =
                slots.stream().map(s -> List.of(s.p(), s.grad(), s.velocity())).toList();
        for (SlotList list : SlotList.cut(SGD_SLOTS, n, buffers)) {
            sgd.blocks(list.blocks())
                    .threads(SlotList.THREADS)
                    .arg(numbers)
                    .arg(state)
                    .arg(g.momentum())
                    .arg(g.l2())
                    .arg(g.nesterov() ? 1 : 0)
                    .arg(list)
                    .run();
        }
    }

    @Override
    public void ema(int which, Buffer numbers, Buffer state, List<Long> n, List<Buffer> p, List<Buffer> ema) {
        List<List<Buffer>> buffers = new ArrayList<>();
        for (int i = 0; i < n.size(); i++) {
            buffers.add(List.of(p.get(i), ema.get(i)));
        }
        for (SlotList list : SlotList.cut(EMA_SLOTS, n, buffers)) {
            this.ema
                    .blocks(list.blocks())
                    .threads(SlotList.THREADS)
                    .arg(numbers)
                    .arg(state)
                    .arg(which)
                    .arg(list)
                    .run();
        }
    }
}
