package ddpm.engine.backend.cuda;

/**
 * A pass of a convolution with its algorithm, ready to run.
 *
 * @param workspaceBytes it needs while it runs
 */
record ConvPlan(ConvPass pass, ConvAlgorithm algorithm, ConvDescriptors descriptors, long workspaceBytes)
        implements AutoCloseable {
    ConvOperands operands() {
        return algorithm.operands();
    }

    void run(CudaHandles handles, CudaMemory memory, ConvTensors t) {
        try (Scratch scratch = new Scratch(memory)) {
            var room = workspaceBytes == 0
                    ? null
                    : scratch.allocate(workspaceBytes).pointer();
            long bytes = t.x().bytes() + t.w().bytes() + t.y().bytes();
            handles.device().began("cudnn " + pass + " algorithm " + algorithm.number(), bytes);
            CudnnStatus.check(
                    pass.run(handles.cudnn(), descriptors, t, algorithm.number(), room, workspaceBytes),
                    () -> pass + " by algorithm " + algorithm);
            handles.device().ended();
        }
    }

    @Override
    public void close() {
        descriptors.close();
    }
}
