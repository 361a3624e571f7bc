package ddpm.engine.backend.cuda.conv;

import ddpm.engine.backend.cuda.memory.CudaMemory;
import ddpm.engine.backend.cuda.memory.Scratch;
import ddpm.engine.backend.cuda.nvidia.CudaHandles;
import ddpm.engine.backend.cuda.nvidia.CudnnStatus;
import jcuda.Pointer;

/**
 * One of cuDNN's algorithms.
 *
 * @param workspaceBytes it needs while it runs
 */
record CudnnPlan(
        CudaHandles handles,
        CudaMemory memory,
        ConvPass pass,
        ConvAlgorithm algorithm,
        ConvDescriptors descriptors,
        long workspaceBytes)
        implements ConvPlan {

    @Override
    public void run(ConvTensors t) {
        long bytes = t.x().bytes() + t.w().bytes() + t.y().bytes();
        handles.device().began("cudnn " + pass + " algorithm " + algorithm.number(), bytes);
        CudnnStatus.check(queue(t), () -> pass + " by algorithm " + algorithm);
        handles.device().ended();
    }

    /** As {@link #run}. Status of cuDNN: an algorithm that is offered may refuse only now. */
    int queue(ConvTensors t) {
        try (Scratch scratch = new Scratch(memory)) {
            Pointer room = workspaceBytes == 0
                    ? null
                    : scratch.allocate(workspaceBytes).pointer();
            return pass.run(handles.cudnn(), descriptors, t, algorithm.number(), room, workspaceBytes);
        }
    }

    @Override
    public void close() {
        descriptors.close();
    }
}
