package ddpm.engine.backend.cuda.conv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.ConvOps.ConvSpec;
import ddpm.engine.backend.Hw;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.cuda.Gpu;
import ddpm.engine.backend.cuda.LibraryFixture;
import ddpm.engine.backend.cuda.driver.CudaBuffer;
import ddpm.engine.backend.cuda.nvidia.CudaHandles;
import ddpm.engine.backend.cuda.nvidia.CudnnStatus;
import ddpm.engine.testing.SimulatorOption;
import java.util.Arrays;
import java.util.List;
import jcuda.driver.CUgraph;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnMathType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** That the simulated libraries refuse what the real ones refuse: else the tests on them would prove little. */
@Tag("cuda")
class SimulatedCudnnTest {
    private static final int NO_WORKSPACE = 2006;
    private static final int MISALIGNED = 2003;
    private static final int SHAPE_MISMATCH = 2008;
    private static final int NOT_SUPPORTED = 3000;
    private static final int REFUSED_WHEN_SIZED = NOT_SUPPORTED;
    private static final int EXECUTION_FAILED = 5000;
    private static final ConvSpec G =
            ConvSpec.conv2d(new Nhwc(1, 4, 4, 8), 8, Hw.square(3), Hw.square(1), Hw.square(1));

    private LibraryFixture libraries;
    private ConvDescriptors d;
    private ConvTensors t;

    @BeforeEach
    void open() {
        Assumptions.assumeTrue(Gpu.device().name().contains("simulator"), "the real library is not to be provoked");
        libraries = new LibraryFixture();
        d = new ConvDescriptors(G, ConvOperands.FP32);
        t = new ConvTensors(
                libraries.upload(new float[128]),
                libraries.upload(new float[8 * 8 * 9]),
                libraries.upload(new float[128]));
    }

    @AfterEach
    void close() {
        if (libraries != null) {
            d.close();
            libraries.close();
        }
    }

    @Test
    void aWorkspaceTooSmall() {
        long[] bytes = {0};
        assertEquals(0, ConvPass.FORWARD.workspaceBytes(libraries.handles.cudnn(), d, 1, bytes));
        assertTrue(bytes[0] > 0);
        CudaBuffer room = libraries.result(bytes[0] / 4);
        assertEquals(
                NO_WORKSPACE, ConvPass.FORWARD.run(libraries.handles.cudnn(), d, t, 1, room.pointer(), bytes[0] - 1));
        assertEquals(NO_WORKSPACE, ConvPass.FORWARD.run(libraries.handles.cudnn(), d, t, 1, null, 0));
        assertEquals(
                MISALIGNED,
                ConvPass.FORWARD.run(
                        libraries.handles.cudnn(), d, t, 1, room.pointer().withByteOffset(4), bytes[0]));
    }

    /** Padded, as the real library does, or refused. */
    @Test
    void bf16WithOddChannels() {
        ConvSpec odd = ConvSpec.conv2d(G.x().withC(5), G.y().c(), G.kernel(), G.stride(), G.padding());
        try (ConvDescriptors bf16 = new ConvDescriptors(odd, ConvOperands.BF16)) {
            assertTrue(usable(ConvPass.FORWARD, bf16) > 0);
            SimulatorOption.refusesOddChannels().around(() -> {
                assertEquals(0, usable(ConvPass.FORWARD, bf16));
            });
        }
    }

    @Test
    void bf16WithoutTensorCores() {
        try (ConvDescriptors bf16 = new ConvDescriptors(G, ConvOperands.BF16)) {
            bf16.mathType(cudnnMathType.CUDNN_FMA_MATH);
            assertEquals(NOT_SUPPORTED, ConvPass.FORWARD.run(libraries.handles.cudnn(), bf16, t, 0, null, 0));
        }
    }

    private long usable(ConvPass pass, ConvDescriptors of) {
        return pass.heuristics(libraries.handles.cudnn(), of).stream()
                .filter(o -> o.usable(Long.MAX_VALUE))
                .count();
    }

    /** For floats the fastest offers are TF32's, whatever the descriptor says; what fails has no numbers. */
    @Test
    void offersForFloatsBeginWithTf32() {
        CudaBuffer room = libraries.result(1 << 16);
        for (ConvPass pass : ConvPass.values()) {
            List<ConvAlgorithm.Offer> offers =
                    pass.search(libraries.handles.cudnn(), d, t, room.pointer(), room.bytes());
            ConvAlgorithm.Offer first = offers.stream()
                    .filter(o -> o.usable(room.bytes()))
                    .findFirst()
                    .orElseThrow();
            assertFalse(ConvOperands.FP32.allows(first.mathType()), pass::toString);
            assertEquals(REFUSED_WHEN_SIZED, sized(pass, first.number()));
            ConvAlgorithm.Offer last = offers.get(offers.size() - 1);
            assertEquals(NOT_SUPPORTED, last.status(), pass::toString);
            assertTrue(last.workspaceBytes() < 0 && last.milliseconds() < 0, last::toString);
        }
        assertEquals(0, sized(ConvPass.FORWARD, 5), "this one refuses when it runs");
        assertEquals(
                NOT_SUPPORTED, ConvPass.FORWARD.run(libraries.handles.cudnn(), d, t, 5, room.pointer(), room.bytes()));
    }

    private int sized(ConvPass pass, int number) {
        return pass.workspaceBytes(libraries.handles.cudnn(), d, number, new long[1]);
    }

    @Test
    void anAlgorithmThatThereIsNot() {
        assertTrue(CudnnStatus.isBadArgument(sized(ConvPass.FORWARD, 77)));
        assertTrue(CudnnStatus.isBadArgument(ConvPass.FORWARD.run(libraries.handles.cudnn(), d, t, 77, null, 0)));
    }

    @Test
    void descriptorsThatDoNotFit() {
        assertEquals(0, JCudnn.cudnnSetTensor4dDescriptor(d.y, 1, 0, 1, 8, 4, 5));
        assertEquals(SHAPE_MISMATCH, ConvPass.FORWARD.run(libraries.handles.cudnn(), d, t, 0, null, 0));
    }

    @Test
    void whatTheEngineDoesNotCall() {
        int nchw = 0;
        assertEquals(NOT_SUPPORTED, JCudnn.cudnnSetTensor4dDescriptor(d.x, nchw, 0, 1, 8, 4, 4));
        assertEquals(
                NOT_SUPPORTED,
                JCudnn.cudnnSoftmaxForward(
                        libraries.handles.cudnn(),
                        0,
                        0,
                        CudaHandles.ONE,
                        d.x,
                        t.x().pointer(),
                        CudaHandles.ZERO,
                        d.y,
                        t.y().pointer()));
        assertEquals(
                15,
                JCublas2.cublasSaxpy(
                        libraries.handles.cublas(), 1, CudaHandles.ONE, t.x().pointer(), 1, t.y().pointer(), 1));
    }

    /** A search times its candidates, so it waits: nothing may while the stream is captured. */
    @Test
    void aSearchWhileTheStreamIsCaptured() {
        int relaxed = CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_RELAXED;
        assertEquals(0, JCudaDriver.cuStreamBeginCapture(libraries.device.stream(), relaxed));
        try {
            BackendException e = assertThrows(
                    BackendException.class, () -> ConvPass.FORWARD.search(libraries.handles.cudnn(), d, t, null, 0));
            assertTrue(e.getMessage().contains("(status " + EXECUTION_FAILED + ")"), e::getMessage);
        } finally {
            JCudaDriver.cuStreamEndCapture(libraries.device.stream(), new CUgraph());
        }
    }

    /** The fastest algorithms of the simulator are not deterministic, which shows in a bit. */
    @Test
    void anAlgorithmThatIsNotDeterministic() {
        List<ConvAlgorithm.Offer> offers = ConvPass.BACKWARD_DATA.heuristics(libraries.handles.cudnn(), d);
        assertFalse(offers.get(0).deterministic());
        float[] first = data(offers.get(0).number());
        assertFalse(Arrays.equals(first, data(offers.get(0).number())));
    }

    private float[] data(int algorithm) {
        assertEquals(0, ConvPass.BACKWARD_DATA.run(libraries.handles.cudnn(), d, t, algorithm, null, 0));
        return libraries.download(t.x(), 128);
    }
}
