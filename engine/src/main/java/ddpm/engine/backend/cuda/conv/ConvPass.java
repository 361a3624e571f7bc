package ddpm.engine.backend.cuda.conv;

import static jcuda.jcudnn.JCudnn.*;

import ddpm.engine.backend.ConvOps.ConvSpec;
import ddpm.engine.backend.cuda.conv.ConvAlgorithm.Offer;
import ddpm.engine.backend.cuda.driver.CudaBuffer;
import ddpm.engine.backend.cuda.nvidia.CudaHandles;
import ddpm.engine.backend.cuda.nvidia.CudnnStatus;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import jcuda.Pointer;
import jcuda.jcudnn.cudnnConvolutionBwdDataAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionBwdFilterAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionFwdAlgoPerf;
import jcuda.jcudnn.cudnnDeterminism;
import jcuda.jcudnn.cudnnHandle;

/** The three passes of a convolution. cuDNN has the same four functions for each, under names of their own. */
public enum ConvPass {
    /** y from x and w. */
    FORWARD {
        @Override
        List<Offer> heuristics(cudnnHandle h, ConvDescriptors d) {
            var perfs = Stream.generate(cudnnConvolutionFwdAlgoPerf::new)
                    .limit(MOST)
                    .toArray(cudnnConvolutionFwdAlgoPerf[]::new);
            int[] found = {0};
            int status = cudnnGetConvolutionForwardAlgorithm_v7(h, d.x, d.w, d.convolution, d.y, MOST, found, perfs);
            return offers(status, found, i -> offer(perfs[i]));
        }

        @Override
        List<Offer> search(cudnnHandle h, ConvDescriptors d, ConvTensors t, Pointer room, long bytes) {
            var perfs = Stream.generate(cudnnConvolutionFwdAlgoPerf::new)
                    .limit(MOST)
                    .toArray(cudnnConvolutionFwdAlgoPerf[]::new);
            int[] found = {0};
            Pointer x = t.x().pointer();
            Pointer w = t.w().pointer();
            Pointer y = t.y().pointer();
            int status = cudnnFindConvolutionForwardAlgorithmEx(
                    h, d.x, x, d.w, w, d.convolution, d.y, y, MOST, found, perfs, room, bytes);
            return offers(status, found, i -> offer(perfs[i]));
        }

        private Offer offer(cudnnConvolutionFwdAlgoPerf p) {
            return new Offer(p.algo, p.mathType, p.status, p.time, p.memory, p.determinism == DETERMINISTIC);
        }

        @Override
        int workspaceBytes(cudnnHandle h, ConvDescriptors d, int algorithm, long[] bytes) {
            return cudnnGetConvolutionForwardWorkspaceSize(h, d.x, d.w, d.convolution, d.y, algorithm, bytes);
        }

        @Override
        int run(cudnnHandle h, ConvDescriptors d, ConvTensors t, int algorithm, Pointer room, long bytes) {
            Pointer x = t.x().pointer();
            Pointer w = t.w().pointer();
            Pointer y = t.y().pointer();
            return cudnnConvolutionForward(h, ONE, d.x, x, d.w, w, d.convolution, algorithm, room, bytes, ZERO, d.y, y);
        }
    },

    /** x from y and w: the gradient of the input, or a transposed convolution. */
    BACKWARD_DATA {
        @Override
        List<Offer> heuristics(cudnnHandle h, ConvDescriptors d) {
            var perfs = Stream.generate(cudnnConvolutionBwdDataAlgoPerf::new)
                    .limit(MOST)
                    .toArray(cudnnConvolutionBwdDataAlgoPerf[]::new);
            int[] found = {0};
            int status =
                    cudnnGetConvolutionBackwardDataAlgorithm_v7(h, d.w, d.y, d.convolution, d.x, MOST, found, perfs);
            return offers(status, found, i -> offer(perfs[i]));
        }

        @Override
        List<Offer> search(cudnnHandle h, ConvDescriptors d, ConvTensors t, Pointer room, long bytes) {
            var perfs = Stream.generate(cudnnConvolutionBwdDataAlgoPerf::new)
                    .limit(MOST)
                    .toArray(cudnnConvolutionBwdDataAlgoPerf[]::new);
            int[] found = {0};
            Pointer x = t.x().pointer();
            Pointer w = t.w().pointer();
            Pointer y = t.y().pointer();
            int status = cudnnFindConvolutionBackwardDataAlgorithmEx(
                    h, d.w, w, d.y, y, d.convolution, d.x, x, MOST, found, perfs, room, bytes);
            return offers(status, found, i -> offer(perfs[i]));
        }

        private Offer offer(cudnnConvolutionBwdDataAlgoPerf p) {
            return new Offer(p.algo, p.mathType, p.status, p.time, p.memory, p.determinism == DETERMINISTIC);
        }

        @Override
        int workspaceBytes(cudnnHandle h, ConvDescriptors d, int algorithm, long[] bytes) {
            return cudnnGetConvolutionBackwardDataWorkspaceSize(h, d.w, d.y, d.convolution, d.x, algorithm, bytes);
        }

        @Override
        int run(cudnnHandle h, ConvDescriptors d, ConvTensors t, int algorithm, Pointer room, long bytes) {
            Pointer x = t.x().pointer();
            Pointer w = t.w().pointer();
            Pointer y = t.y().pointer();
            return cudnnConvolutionBackwardData(
                    h, ONE, d.w, w, d.y, y, d.convolution, algorithm, room, bytes, ZERO, d.x, x);
        }
    },

    /** w from x and y: the gradient of the weights. */
    BACKWARD_WEIGHTS {
        @Override
        List<Offer> heuristics(cudnnHandle h, ConvDescriptors d) {
            var perfs = Stream.generate(cudnnConvolutionBwdFilterAlgoPerf::new)
                    .limit(MOST)
                    .toArray(cudnnConvolutionBwdFilterAlgoPerf[]::new);
            int[] found = {0};
            int status =
                    cudnnGetConvolutionBackwardFilterAlgorithm_v7(h, d.x, d.y, d.convolution, d.w, MOST, found, perfs);
            return offers(status, found, i -> offer(perfs[i]));
        }

        @Override
        List<Offer> search(cudnnHandle h, ConvDescriptors d, ConvTensors t, Pointer room, long bytes) {
            var perfs = Stream.generate(cudnnConvolutionBwdFilterAlgoPerf::new)
                    .limit(MOST)
                    .toArray(cudnnConvolutionBwdFilterAlgoPerf[]::new);
            int[] found = {0};
            Pointer x = t.x().pointer();
            Pointer w = t.w().pointer();
            Pointer y = t.y().pointer();
            int status = cudnnFindConvolutionBackwardFilterAlgorithmEx(
                    h, d.x, x, d.y, y, d.convolution, d.w, w, MOST, found, perfs, room, bytes);
            return offers(status, found, i -> offer(perfs[i]));
        }

        private Offer offer(cudnnConvolutionBwdFilterAlgoPerf p) {
            return new Offer(p.algo, p.mathType, p.status, p.time, p.memory, p.determinism == DETERMINISTIC);
        }

        @Override
        int workspaceBytes(cudnnHandle h, ConvDescriptors d, int algorithm, long[] bytes) {
            return cudnnGetConvolutionBackwardFilterWorkspaceSize(h, d.x, d.y, d.convolution, d.w, algorithm, bytes);
        }

        @Override
        int run(cudnnHandle h, ConvDescriptors d, ConvTensors t, int algorithm, Pointer room, long bytes) {
            Pointer x = t.x().pointer();
            Pointer w = t.w().pointer();
            Pointer y = t.y().pointer();
            return cudnnConvolutionBackwardFilter(
                    h, ONE, d.x, x, d.y, y, d.convolution, algorithm, room, bytes, ZERO, d.w, w);
        }
    };

    /** Algorithms of a list: each may come with several math types, and a list is cut at its slow end. */
    private static final int MOST = 64;

    private static final int DETERMINISTIC = cudnnDeterminism.CUDNN_DETERMINISTIC;
    private static final Pointer ONE = CudaHandles.ONE;
    private static final Pointer ZERO = CudaHandles.ZERO;

    /** What cuDNN would choose, best guess first; empty where it supports nothing. Neither computes nor waits. */
    abstract List<Offer> heuristics(cudnnHandle h, ConvDescriptors d);

    /**
     * Every algorithm, run and timed, fastest first. Waits for the GPU and overwrites the pass's result.
     *
     * @param room workspace of so many bytes; null where they are 0
     */
    abstract List<Offer> search(cudnnHandle h, ConvDescriptors d, ConvTensors t, Pointer room, long bytes);

    /** Status of cuDNN; not supported where the algorithm cannot compute the pass. @param bytes out */
    abstract int workspaceBytes(cudnnHandle h, ConvDescriptors d, int algorithm, long[] bytes);

    /** Queues the pass: the result is overwritten. Status of cuDNN. */
    abstract int run(cudnnHandle h, ConvDescriptors d, ConvTensors t, int algorithm, Pointer room, long bytes);

    /** The tensor that the pass writes. */
    CudaBuffer result(ConvTensors t) {
        return switch (this) {
            case FORWARD -> t.y();
            case BACKWARD_DATA -> t.x();
            case BACKWARD_WEIGHTS -> t.w();
        };
    }

    /** Elements of {@link #result}. */
    long resultElements(ConvSpec g) {
        return switch (this) {
            case FORWARD -> g.y().count();
            case BACKWARD_DATA -> g.x().count();
            case BACKWARD_WEIGHTS -> g.weights();
        };
    }

    private static List<Offer> offers(int status, int[] found, IntFunction<Offer> offer) {
        if (CudnnStatus.isNotSupported(status)) {
            return List.of();
        }
        CudnnStatus.check(status, "searching an algorithm");
        return IntStream.range(0, found[0]).mapToObj(offer).toList();
    }
}
