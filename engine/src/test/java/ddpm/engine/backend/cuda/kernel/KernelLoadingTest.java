package ddpm.engine.backend.cuda.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.AttentionOps.Attention;
import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cuda.CudaAttention;
import ddpm.engine.backend.cuda.CudaBackend;
import ddpm.engine.backend.cuda.CudaElementwise;
import ddpm.engine.backend.cuda.CudaGraph;
import ddpm.engine.backend.cuda.CudaLoss;
import ddpm.engine.backend.cuda.Gpu;
import ddpm.engine.backend.cuda.driver.CudaDevice;
import ddpm.engine.backend.cuda.driver.Recording;
import ddpm.engine.backend.cuda.memory.CudaMemory;
import ddpm.engine.testing.SimulatorOption;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Which kernels ship, which of them a step waits for, and as what they come. */
@Tag("cuda")
class KernelLoadingTest {
    private static final int CUDA_13 = 13_000;

    @Test
    void shipsExactlyWhatTheLaunchersAskFor() {
        Assumptions.assumeTrue(Gpu.device().capability() >= 80, "bf16 needs it");
        Set<String> asked = new TreeSet<>();
        for (Precision precision : List.of(Precision.FP32, Precision.BF16)) {
            try (CudaBackend backend = new CudaBackend(precision)) {
                asked.addAll(backend.kernels().asked());
                assertEquals(Set.of(), backend.kernels().loaded(), "before the first launch");
            }
        }
        assertEquals(asked, new TreeSet<>(KernelCode.shipped(80, 0).names()));
        asked.removeIf(name -> name.contains("_mma_")); // bf16 on tensor cores begins with 8.0
        assertEquals(asked, new TreeSet<>(KernelCode.shipped(75, 0).names()));
    }

    @Test
    void aStepLoadsWhatItLaunchesAndNothingElse() {
        CudaDevice device = Gpu.device();
        try (CudaMemory memory = new CudaMemory(device);
                CudaKernels kernels = CudaKernels.shipped(device)) {
            Attention g = new Attention(1, 5, 1, 12);
            CudaAttention attention = new CudaAttention(kernels, memory, Precision.FP32);
            Buffer qkv = memory.allocate(5 * 36 * Float.BYTES);
            Buffer y = memory.allocate(5 * 12 * Float.BYTES);
            Buffer state = memory.allocate(attention.stateElements(g) * Float.BYTES);
            memory.zero(qkv);
            attention.attention(g, qkv, y, state);
            assertEquals(Set.of("attention_forward_d16"), kernels.loaded());
            device.synchronize();
        }
    }

    @Test
    void aKernelFirstMetWhileRecordingIsLoadedBeforeTheRecordingThatCounts() {
        CudaDevice device = Gpu.device();
        float[] x = {1, 2, 3};
        try (CudaMemory memory = new CudaMemory(device);
                CudaKernels kernels = CudaKernels.shipped(device)) {
            CudaElementwise elementwise = new CudaElementwise(kernels);
            CudaLoss loss = new CudaLoss(kernels, memory);
            Buffer in = memory.allocate(12);
            Buffer out = memory.allocate(12);
            Buffer sum = memory.allocate(4);
            memory.upload(x, in);
            AtomicInteger runs = new AtomicInteger();
            try (CudaGraph graph = CudaGraph.capture(device, () -> {
                runs.incrementAndGet();
                elementwise.scale(3, 2, in, out);
                loss.sum(3, 1, out, sum);
            })) {
                assertEquals(4, runs.get(), "three kernels were missing");
                assertEquals(3, graph.nodes());
                assertTrue(graph.valid(), "what the broken recordings allocated is free again");
                graph.launch();
            }
            float[] got = new float[1];
            memory.download(sum, got);
            assertArrayEquals(new float[] {12}, got);
        }
    }

    @Test
    void nothingIsLoadedWhileAStepIsRecorded() {
        CudaDevice device = Gpu.device();
        try (CudaKernels kernels = CudaKernels.shipped(device)) {
            CudaKernel add = kernels.get("add_f32");
            device.record(new Recording());
            try {
                assertEquals(
                        "cuda: kernel add_f32 is first met while a step is recorded; compute without graphs",
                        assertThrows(BackendException.class, add::load).getMessage());
            } finally {
                device.record(null);
            }
            assertEquals(Set.of(), kernels.loaded());
        }
    }

    @Test
    void aGpuGetsTheNewestCubinsOfItsOwnGeneration() {
        assertEquals(new KernelCode("ptx-75", "sm_75"), KernelCode.shipped(75, CUDA_13));
        assertEquals(new KernelCode("ptx-80", "sm_80"), KernelCode.shipped(89, CUDA_13));
        assertEquals(new KernelCode("ptx-80", "sm_90"), KernelCode.shipped(90, 13_010));
        assertEquals(new KernelCode("ptx-80", "sm_100"), KernelCode.shipped(103, CUDA_13));
        assertEquals(new KernelCode("ptx-80", "sm_120"), KernelCode.shipped(121, CUDA_13));
        assertEquals(new KernelCode("ptx-80", null), KernelCode.shipped(110, CUDA_13));
        assertEquals(new KernelCode("ptx-80", null), KernelCode.shipped(90, 12_090));
    }

    @Test
    @SuppressWarnings("try") // options are set until closed
    void theDriverOfCuda13CompilesNothing() {
        Gpu.device();
        for (int capability : new int[] {75, 86, 90, 100, 120}) {
            try (SimulatorOption driver = SimulatorOption.driver(CUDA_13);
                    SimulatorOption gpu = SimulatorOption.capability(capability);
                    CudaDevice device = new CudaDevice(0);
                    CudaKernels kernels = CudaKernels.shipped(device)) {
                int count = kernels.loadAll();
                assertEquals(count, kernels.compiled(), "sm_" + capability);
            }
        }
        Gpu.device().makeCurrent();
    }

    @Test
    @SuppressWarnings("try") // options are set until closed
    void aDriverThatRefusesTheCubinsCompilesThePtx() {
        CudaDevice device = Gpu.device();
        try (SimulatorOption driver = SimulatorOption.driver(CUDA_13);
                SimulatorOption refuse = SimulatorOption.noCubins();
                CudaKernels kernels = CudaKernels.shipped(device)) {
            kernels.get("add_f32").load();
            assertEquals(Set.of("add_f32"), kernels.loaded());
            assertEquals(0, kernels.compiled());
        }
    }

    @Test
    void namesAKernelThatTheBuildLacks() {
        try (CudaKernels kernels = new CudaKernels(Gpu.device(), KernelCode.shipped(80, 0))) {
            assertEquals(
                    "cuda: no kernel polish in this build; make it as kernels/README.md says",
                    assertThrows(BackendException.class, () -> kernels.get("polish"))
                            .getMessage());
        }
    }
}
