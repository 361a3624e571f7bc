/**
 * Tensors on a CPU or a GPU, gradients, layers and optimizers: see {@code docs/engine.md}.
 *
 * <p>What is exported is meant for programs. Inside stay the parts of the two backends: threads, memory, calls of oneDNN,
 * the CUDA driver, cuBLAS and cuDNN. JCuda is needed at run time only where a GPU computes.
 */
@SuppressWarnings("requires-automatic") // JCuda and JNA have no descriptors
module ddpm.engine {
    requires com.fasterxml.jackson.core;
    requires com.fasterxml.jackson.databind;
    requires com.sun.jna;
    requires jdk.management;
    requires org.bytedeco.dnnl;
    requires org.bytedeco.javacpp;
    requires static jcublas;
    requires static jcuda;
    requires static jcudnn;

    exports ddpm.engine.autograd;
    exports ddpm.engine.backend;
    exports ddpm.engine.backend.cpu;
    exports ddpm.engine.backend.cuda;
    exports ddpm.engine.disk;
    exports ddpm.engine.io;
    exports ddpm.engine.nn;
    exports ddpm.engine.ops;
    exports ddpm.engine.optim;
    exports ddpm.engine.profile;
    exports ddpm.engine.random;
    exports ddpm.engine.tensor;
}
