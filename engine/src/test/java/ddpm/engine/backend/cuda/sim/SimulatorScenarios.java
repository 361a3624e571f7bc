package ddpm.engine.backend.cuda.sim;

import static ddpm.engine.backend.cuda.sim.SimulatedDevice.N;
import static ddpm.engine.backend.cuda.sim.SimulatedDevice.check;
import static ddpm.engine.backend.cuda.sim.SimulatedDevice.floats;
import static ddpm.engine.backend.cuda.sim.SimulatedDevice.fresh;
import static ddpm.engine.backend.cuda.sim.SimulatedDevice.of;
import static ddpm.engine.backend.cuda.sim.SimulatedDevice.pinned;
import static ddpm.engine.backend.cuda.sim.SimulatedDevice.ptx;
import static ddpm.engine.backend.cuda.sim.SimulatedDevice.ramp;
import static ddpm.engine.backend.cuda.sim.SimulatedDevice.read;
import static ddpm.engine.backend.cuda.sim.SimulatedDevice.stream;
import static ddpm.engine.backend.cuda.sim.SimulatedDevice.zeroEnded;
import static jcuda.driver.JCudaDriver.*;

import java.util.Arrays;
import java.util.Map;
import jcuda.Pointer;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUfunction;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUgraphNode;
import jcuda.driver.CUmodule;
import jcuda.driver.CUstream;

/** What {@link SimulatorProgram} runs by name: each throws where the simulator does not behave as a GPU would. */
final class SimulatorScenarios {
    private static final long BYTES = 4L * N;

    private SimulatorScenarios() {}

    private static void expect(Object want, Object got, String what) {
        if (!want.equals(got)) {
            throw new AssertionError(what + ": want " + want + ", got " + got);
        }
    }

    // ---- the language

    static void warps(SimulatedDevice device) {
        CUdeviceptr sums = fresh(8);
        check(device.launch(null, "warp_sums", 1, N, 0, of(ramp(N)), sums, N), "warp_sums");
        float[] want = new float[8];
        for (int i = 0; i < N; i++) {
            want[i / 32] += i;
        }
        expect(Arrays.toString(want), Arrays.toString(read(sums, 8)), "warp sums");
    }

    static void dynamicSharedMemory(SimulatedDevice device) {
        CUdeviceptr x = of(ramp(N));
        check(device.launch(null, "dynamic_reverse", 1, N, 4 * N, x, N), "dynamic_reverse");
        expect(255f, read(x, N)[0], "reversed");
        expect(1, device.launch(null, "dynamic_reverse", 1, N, 50_000, x, N), "more than 48 KB without asking");
        CUfunction reverse = device.function("dynamic_reverse");
        check(cuFuncSetAttribute(reverse, 8, 100_000), "opt in");
        check(device.launch(null, "dynamic_reverse", 1, N, 50_000, x, N), "more than 48 KB");
        expect(0f, read(x, N)[0], "reversed again");
        expect(1, cuFuncSetAttribute(reverse, 8, 200_000), "more than the device has");
    }

    /** a * b - a with and without the rounding of a * b, as Java's arithmetic says. */
    static void roundings(SimulatedDevice device) {
        float[] a = new float[N];
        float[] b = new float[N];
        for (int i = 0; i < N; i++) {
            a[i] = 1 + i / 257f;
            b[i] = 1 + i / 263f;
        }
        CUdeviceptr fused = fresh(N);
        CUdeviceptr exact = fresh(N);
        check(device.launch(null, "rounding", 1, N, 0, of(a), of(b), fused, exact, N), "rounding");
        for (int i = 0; i < N; i++) {
            expect(a[i] * b[i] - a[i], read(exact, N)[i], "two roundings of " + i);
        }
    }

    static void matrixStep(SimulatedDevice device) {
        int[] a = new int[16 * 8];
        int[] b = new int[8 * 8];
        for (int i = 0; i < a.length; i++) {
            a[i] = pair(i % 7 - 3, i % 5);
        }
        for (int i = 0; i < b.length; i++) {
            b[i] = pair(i % 3, i % 11 - 5);
        }
        CUdeviceptr c = fresh(128);
        check(device.launch(null, "matrix_step", 1, 32, 0, of(a), of(b), c), "matrix_step");
        float[] got = read(c, 128);
        for (int row = 0; row < 16; row++) {
            for (int column = 0; column < 8; column++) {
                float want = 0;
                for (int k = 0; k < 16; k++) {
                    want += value(a[row * 8 + k / 2], k % 2) * value(b[column * 8 + k / 2], k % 2);
                }
                expect(want, got[row * 8 + column], "c[" + row + "][" + column + "]");
            }
        }
    }

    private static int pair(float low, float high) {
        return Float.floatToIntBits(low) >>> 16 | Float.floatToIntBits(high) & 0xffff0000;
    }

    private static float value(int pair, int which) {
        return Float.intBitsToFloat(which == 0 ? pair << 16 : pair & 0xffff0000);
    }

    /** More blocks than cores, more than once: always the same. */
    static void manyBlocks(SimulatedDevice device) {
        int n = 100_000;
        CUdeviceptr x = of(ramp(n));
        for (int i = 0; i < 3; i++) {
            check(device.launch(null, "add", (n + 255) / 256, 256, 0, x, 0.5f, n), "add");
        }
        float[] want = ramp(n);
        for (int i = 0; i < n; i++) {
            want[i] += 1.5f;
        }
        expect(Arrays.hashCode(want), Arrays.hashCode(read(x, n)), "sums");
    }

    // ---- memory

    static void freshMemoryIsNaN(SimulatedDevice device) {
        CUdeviceptr x = fresh(N);
        check(device.launch(null, "add", 1, N, 0, x, 1f, N), "add");
        expect(true, Float.isNaN(read(x, N)[7]), "a sum with fresh memory is NaN");
    }

    static void copiesOutsideAllocations(SimulatedDevice device) {
        CUdeviceptr x = of(ramp(N));
        float[] more = new float[N + 1];
        expect(1, cuMemcpyHtoD(x, Pointer.to(more), BYTES + 4), "a copy past the end");
        expect(1, cuMemcpyDtoH(Pointer.to(more), x.withByteOffset(4), BYTES), "a copy past the end, from inside");
        check(cuMemFree(x), "free");
        expect(1, cuMemcpyHtoD(x, Pointer.to(more), BYTES), "a copy to freed memory");
        expect(1, cuMemFree(x), "freed twice");
    }

    /** CUSIM_MEMORY_MB is 1. */
    /** Of blocks with whole pages in them, between blocks that go on living. */
    static void freedBlocksLeaveTheirNeighbours(SimulatedDevice device) {
        for (int floats : new int[] {2048, 2100, 5000}) {
            CUdeviceptr freed = fresh(floats);
            CUdeviceptr[] next = new CUdeviceptr[12];
            Arrays.setAll(next, i -> of(1f, 2f, 3f));
            check(cuMemFree(freed), "free " + floats);
            check(cuCtxSynchronize(), "red zones after freeing " + floats);
            for (CUdeviceptr p : next) {
                expect("[1.0, 2.0, 3.0]", Arrays.toString(read(p, 3)), "behind " + floats);
            }
        }
    }

    static void outOfMemory(SimulatedDevice device) {
        CUdeviceptr half = fresh(131_072);
        expect(2, cuMemAlloc(new CUdeviceptr(), 600_000), "the second half and more");
        long[] free = {0};
        long[] total = {0};
        check(cuMemGetInfo(free, total), "cuMemGetInfo");
        expect(1048576L, total[0], "total");
        expect(524288L, free[0], "free");
        check(cuMemFree(half), "free");
        check(cuMemAlloc(new CUdeviceptr(), 600_000), "there is room again");
    }

    static void mappedPinnedMemory(SimulatedDevice device) {
        Pointer host = new Pointer();
        check(cuMemHostAlloc(host, BYTES, 2), "cuMemHostAlloc");
        floats(host, N).put(ramp(N));
        CUdeviceptr mapped = new CUdeviceptr();
        check(cuMemHostGetDevicePointer(mapped, host, 0), "cuMemHostGetDevicePointer");
        check(device.launch(null, "add", 1, N, 0, mapped, 1f, N), "add");
        check(cuCtxSynchronize(), "synchronize");
        expect(8f, floats(host, N).get(7), "written by the kernel");
        check(cuMemFreeHost(host), "cuMemFreeHost");
    }

    // ---- modules

    static void modules(SimulatedDevice device) {
        CUmodule module = new CUmodule();
        expect(200, cuModuleLoadData(module, zeroEnded("nothing")), "no PTX");
        Map<String, String> add = Map.of("add", "pfi");
        expect(222, cuModuleLoadData(module, zeroEnded(ptx(add, "9.0", 75))), "PTX of CUDA 13 on a driver of 12.6");
        expect(209, cuModuleLoadData(module, zeroEnded(ptx(add, "7.0", 90))), "PTX for another GPU");
        check(cuModuleLoadData(module, zeroEnded(ptx(add, "7.0", 75))), "good PTX");
        CUfunction function = new CUfunction();
        check(cuModuleGetFunction(function, module, "add"), "add");
        expect(500, cuModuleGetFunction(function, module, "scale"), "a kernel that is not in the PTX");
        check(
                cuModuleLoadData(module, zeroEnded(ptx(Map.of("add", "pii", "other", "p", "scale", "pf"), "7.0", 75))),
                "");
        expect(500, cuModuleGetFunction(function, module, "other"), "a kernel that has no source");
        expect(200, cuModuleGetFunction(function, module, "scale"), "PTX of other sources");
        expect(801, cuMemAllocManaged(new CUdeviceptr(), 64, 1), "what is not simulated");
    }

    // ---- streams and graphs

    static void graphs(SimulatedDevice device) {
        CUstream s = stream();
        CUdeviceptr x = of(ramp(N));
        check(cuStreamBeginCapture(s, 0), "begin");
        check(device.launch(s, "add", 1, N, 0, x, 1f, N), "add");
        check(device.launch(s, "scale", 1, N, 0, x, 2f, N), "scale");
        CUgraph graph = new CUgraph();
        check(cuStreamEndCapture(s, graph), "end");
        long[] nodes = {0};
        check(cuGraphGetNodes(graph, (CUgraphNode[]) null, nodes), "cuGraphGetNodes");
        expect(2L, nodes[0], "nodes");
        CUgraphExec exec = new CUgraphExec();
        check(cuGraphInstantiate(exec, graph, 0), "instantiate");
        check(cuStreamSynchronize(s), "synchronize");
        expect(3f, read(x, N)[3], "recording runs nothing");
        for (int i = 0; i < 2; i++) {
            check(cuGraphLaunch(exec, s), "launch");
        }
        check(cuStreamSynchronize(s), "synchronize");
        expect(18f, read(x, N)[3], "((3 + 1) * 2 + 1) * 2");
        check(cuGraphExecDestroy(exec), "destroy");
        expect(400, cuGraphLaunch(exec, s), "launch after destroy");
    }

    static void synchronousCallsSpoilACapture(SimulatedDevice device) {
        CUstream s = stream();
        CUdeviceptr x = of(ramp(N));
        for (int i = 0; i < 4; i++) {
            check(cuStreamBeginCapture(s, 0), "begin");
            int status =
                    switch (i) {
                        case 0 -> cuMemcpyHtoD(x, Pointer.to(ramp(N)), BYTES);
                        case 1 -> cuMemAlloc(new CUdeviceptr(), 64);
                        case 2 -> cuStreamSynchronize(s);
                        default -> cuMemcpyHtoDAsync(x, Pointer.to(ramp(N)), BYTES, s);
                    };
            expect(900, status, "synchronous call " + i);
            expect(901, cuStreamEndCapture(s, new CUgraph()), "end of the spoilt capture");
        }
        check(device.launch(s, "add", 1, N, 0, x, 1f, N), "the stream works on");
    }

    /** A fork and a join by events are one graph; without the join there is none. */
    static void captureOfTwoStreams(SimulatedDevice device) {
        CUstream a = stream();
        CUstream b = stream();
        CUdeviceptr x = of(ramp(N));
        for (boolean joined : new boolean[] {true, false}) {
            CUevent fork = event();
            CUevent join = event();
            check(cuStreamBeginCapture(a, 0), "begin");
            check(cuEventRecord(fork, a), "record");
            check(cuStreamWaitEvent(b, fork, 0), "wait");
            check(device.launch(b, "add", 1, N, 0, x, 1f, N), "add");
            check(cuEventRecord(join, b), "record");
            if (joined) {
                check(cuStreamWaitEvent(a, join, 0), "wait");
            }
            expect(joined ? 0 : 904, cuStreamEndCapture(a, new CUgraph()), joined ? "joined" : "not joined");
        }
    }

    private static CUevent event() {
        CUevent event = new CUevent();
        check(cuEventCreate(event, 0), "cuEventCreate");
        return event;
    }

    // ---- deferred mode: the same program right and wrong

    static void waitsForItsResult(SimulatedDevice device) {
        expect(8f, resultOf(device, true), "with a synchronisation");
    }

    static void readsTooEarly(SimulatedDevice device) {
        expect(true, Float.isNaN(resultOf(device, false)), "without one the host finds what was there before");
    }

    private static float resultOf(SimulatedDevice device, boolean synchronize) {
        CUstream s = stream();
        CUdeviceptr x = of(ramp(N));
        Pointer host = pinned(N);
        check(device.launch(s, "add", 1, N, 0, x, 1f, N), "add");
        check(cuMemcpyDtoHAsync(host, x, BYTES, s), "copy");
        if (synchronize) {
            check(cuStreamSynchronize(s), "synchronize");
        }
        return floats(host, N).get(7);
    }

    static void changesItsSourceTooEarly(SimulatedDevice device) {
        CUstream s = stream();
        CUdeviceptr x = fresh(N);
        Pointer host = pinned(N);
        floats(host, N).put(ramp(N));
        check(cuMemcpyHtoDAsync(x, host, BYTES, s), "copy");
        floats(host, N).put(7, -1f);
        check(cuStreamSynchronize(s), "synchronize");
        expect(-1f, read(x, N)[7], "the copy took what the host wrote afterwards");
    }

    static void pageableSourcesAreCopiedAtOnce(SimulatedDevice device) {
        CUstream s = stream();
        CUdeviceptr x = fresh(N);
        float[] source = ramp(N);
        check(cuMemcpyHtoDAsync(x, Pointer.to(source), BYTES, s), "copy");
        source[7] = -1;
        check(cuStreamSynchronize(s), "synchronize");
        expect(7f, read(x, N)[7], "the copy");
    }

    static void eventsOrderStreams(SimulatedDevice device) {
        for (int i = 0; i < 20; i++) {
            expect(16f, twoStreams(device, true), "(7 + 1) * 2");
        }
    }

    /** Without the event the order is drawn anew each time: sometimes 7 * 2 + 1. */
    static void missingEventShows(SimulatedDevice device) {
        boolean[] seen = new boolean[2];
        for (int i = 0; i < 20; i++) {
            seen[twoStreams(device, false) == 16f ? 0 : 1] = true;
        }
        expect("[true, true]", Arrays.toString(seen), "right and wrong results");
    }

    private static float twoStreams(SimulatedDevice device, boolean ordered) {
        CUstream a = stream();
        CUstream b = stream();
        CUdeviceptr x = of(ramp(N));
        check(device.launch(a, "add", 1, N, 0, x, 1f, N), "add");
        CUevent added = event();
        check(cuEventRecord(added, a), "record");
        if (ordered) {
            check(cuStreamWaitEvent(b, added, 0), "wait");
        }
        check(device.launch(b, "scale", 1, N, 0, x, 2f, N), "scale");
        check(cuStreamSynchronize(b), "synchronize");
        check(cuStreamSynchronize(a), "synchronize");
        return read(x, N)[7];
    }

    // ---- other drivers and devices

    static void bareNoDevice(SimulatedDevice none) {
        expect(100, cuInit(0), "cuInit");
    }

    /** CUSIM_DRIVER_VERSION is 13000, CUSIM_CAPABILITY 75. */
    static void bareOldDeviceNewDriver(SimulatedDevice none) {
        int[] version = {0};
        check(cuDriverGetVersion(version), "cuDriverGetVersion");
        expect(13000, version[0], "version");
        check(cuInit(0), "cuInit");
        int[] major = {0};
        int[] minor = {0};
        check(cuDeviceGetAttribute(major, 75, new CUdevice()), "major");
        check(cuDeviceGetAttribute(minor, 76, new CUdevice()), "minor");
        expect("7.5", major[0] + "." + minor[0], "capability");
    }
}
