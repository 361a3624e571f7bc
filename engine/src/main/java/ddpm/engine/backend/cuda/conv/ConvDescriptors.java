package ddpm.engine.backend.cuda.conv;

import ddpm.engine.backend.ConvOps.ConvSpec;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.cuda.nvidia.CudnnStatus;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnConvolutionMode;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.jcudnn.cudnnTensorFormat;

/** cuDNN's descriptors of one convolution: both activations, the weights, and how it runs. All its tensors have one type. */
public final class ConvDescriptors implements AutoCloseable {
    private static final int NHWC = cudnnTensorFormat.CUDNN_TENSOR_NHWC;

    final cudnnTensorDescriptor x = new cudnnTensorDescriptor();
    final cudnnTensorDescriptor y = new cudnnTensorDescriptor();
    final cudnnFilterDescriptor w = new cudnnFilterDescriptor();
    final cudnnConvolutionDescriptor convolution = new cudnnConvolutionDescriptor();

    ConvDescriptors(ConvSpec g, ConvOperands operands) {
        int type = operands == ConvOperands.BF16 ? cudnnDataType.CUDNN_DATA_BFLOAT16 : cudnnDataType.CUDNN_DATA_FLOAT;
        CudnnStatus.check(JCudnn.cudnnCreateTensorDescriptor(x), "making a descriptor");
        CudnnStatus.check(JCudnn.cudnnCreateTensorDescriptor(y), "making a descriptor");
        CudnnStatus.check(JCudnn.cudnnCreateFilterDescriptor(w), "making a descriptor");
        CudnnStatus.check(JCudnn.cudnnCreateConvolutionDescriptor(convolution), "making a descriptor");
        image(x, type, g.x());
        image(y, type, g.y());
        CudnnStatus.check(
                JCudnn.cudnnSetFilter4dDescriptor(
                        w,
                        type,
                        NHWC,
                        size(g.y().c()),
                        size(g.x().c()),
                        size(g.kernel().h()),
                        size(g.kernel().w())),
                () -> "weights of " + g);
        CudnnStatus.check(
                JCudnn.cudnnSetConvolution2dDescriptor(
                        convolution,
                        size(g.padding().h()),
                        size(g.padding().w()),
                        size(g.stride().h()),
                        size(g.stride().w()),
                        1,
                        1,
                        cudnnConvolutionMode.CUDNN_CROSS_CORRELATION,
                        cudnnDataType.CUDNN_DATA_FLOAT), // of the sums
                () -> "convolution " + g);
        mathType(operands.mathType());
    }

    private static void image(cudnnTensorDescriptor descriptor, int type, Nhwc x) {
        CudnnStatus.check(
                JCudnn.cudnnSetTensor4dDescriptor(
                        descriptor, NHWC, type, size(x.n()), size(x.c()), size(x.h()), size(x.w())),
                () -> "activation " + x);
    }

    private static int size(long extent) {
        return Math.toIntExact(extent);
    }

    /** With which units cuDNN multiplies; left alone, it rounds fp32 to TF32. */
    void mathType(int type) {
        CudnnStatus.check(JCudnn.cudnnSetConvolutionMathType(convolution, type), "setting the math type");
    }

    @Override
    public void close() {
        CudnnStatus.check(JCudnn.cudnnDestroyTensorDescriptor(x), "destroying a descriptor");
        CudnnStatus.check(JCudnn.cudnnDestroyTensorDescriptor(y), "destroying a descriptor");
        CudnnStatus.check(JCudnn.cudnnDestroyFilterDescriptor(w), "destroying a descriptor");
        CudnnStatus.check(JCudnn.cudnnDestroyConvolutionDescriptor(convolution), "destroying a descriptor");
    }
}
