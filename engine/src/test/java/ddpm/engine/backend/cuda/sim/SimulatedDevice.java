package ddpm.engine.backend.cuda.sim;

import static jcuda.driver.JCudaDriver.cuCtxSetCurrent;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxReset;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRetain;
import static jcuda.driver.JCudaDriver.cuInit;
import static jcuda.driver.JCudaDriver.cuLaunchKernel;
import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemAllocHost;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoH;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoD;
import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleLoadData;
import static jcuda.driver.JCudaDriver.cuStreamCreate;

import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUstream;

/** The simulated GPU through plain JCuda, as in any JCuda program: only what the simulator's own tests need. */
final class SimulatedDevice {
    static final int N = 256;

    /** kernels/src/sim/test/faults.cu: p is a pointer, i an int, f a float. */
    private static final Map<String, String> KERNELS = new TreeMap<>();

    static {
        String ofOneArray =
                """
                divergent_barrier two_barriers odd_lanes_shuffle mixed_warp outside_mask block_race overwrite_race warp_race
                warp_in_order block_in_order one_too_many blocks_overlap next_block reversed_in_place global_in_order
                past_the_end null_pointer unwritten_shared past_shared past_dynamic next_row overflowing_index misaligned
                zero_divisor too_much_shared second_block_fails dynamic_reverse""";
        for (String kernel : ofOneArray.split("\\s+")) {
            KERNELS.put(kernel, "pi");
        }
        for (String kernel : "before_the_start unwritten fault_in_function warp_sums".split(" ")) {
            KERNELS.put(kernel, "ppi");
        }
        KERNELS.putAll(Map.of("add", "pfi", "scale", "pfi", "rounding", "ppppi", "matrix_step", "ppp"));
    }

    private CUmodule module;

    SimulatedDevice() {
        check(cuInit(0), "cuInit");
        open();
    }

    static void check(int status, String what) {
        if (status != 0) {
            throw new AssertionError(what + " gave " + status);
        }
    }

    private void open() {
        CUdevice device = new CUdevice();
        check(cuDeviceGet(device, 0), "cuDeviceGet");
        CUcontext context = new CUcontext();
        check(cuDevicePrimaryCtxRetain(context, device), "cuDevicePrimaryCtxRetain");
        check(cuCtxSetCurrent(context), "cuCtxSetCurrent");
        module = new CUmodule();
        check(cuModuleLoadData(module, zeroEnded(ptx(KERNELS, "8.0", 80))), "cuModuleLoadData");
    }

    /** A fresh context: nothing is allocated, and no kernel has broken it. */
    void reset() {
        check(cuDevicePrimaryCtxReset(new CUdevice()), "cuDevicePrimaryCtxReset");
        open();
    }

    /** What nvcc would write around the code of these kernels. */
    static String ptx(Map<String, String> kernels, String version, int target) {
        StringBuilder text = new StringBuilder(".version " + version + "\n.target sm_" + target + "\n");
        kernels.forEach((name, parameters) -> {
            text.append(".visible .entry ").append(name).append("(\n");
            for (int i = 0; i < parameters.length(); i++) {
                String type = Map.of('p', ".u64", 'i', ".u32", 'f', ".f32").get(parameters.charAt(i));
                text.append("    .param ").append(type).append(" ").append(name).append("_param_");
                text.append(i).append(i + 1 < parameters.length() ? ",\n" : "\n");
            }
            text.append(")\n{\n    ret;\n}\n");
        });
        return text.toString();
    }

    static byte[] zeroEnded(String text) {
        return (text + "\0").getBytes(StandardCharsets.US_ASCII);
    }

    CUfunction function(String name) {
        CUfunction function = new CUfunction();
        check(cuModuleGetFunction(function, module, name), name);
        return function;
    }

    /** Status of the launch. */
    int launch(CUstream stream, String kernel, int blocks, int threads, int sharedBytes, Object... arguments) {
        Pointer[] pointers = Arrays.stream(arguments)
                .map(a -> a instanceof CUdeviceptr p
                        ? Pointer.to(p)
                        : a instanceof Integer i ? Pointer.to(new int[] {i}) : Pointer.to(new float[] {(Float) a}))
                .toArray(Pointer[]::new);
        return cuLaunchKernel(
                function(kernel), blocks, 1, 1, threads, 1, 1, sharedBytes, stream, Pointer.to(pointers), null);
    }

    static CUstream stream() {
        CUstream stream = new CUstream();
        check(cuStreamCreate(stream, 1), "cuStreamCreate");
        return stream;
    }

    static CUdeviceptr fresh(int floats) {
        CUdeviceptr p = new CUdeviceptr();
        check(cuMemAlloc(p, 4L * floats), "cuMemAlloc");
        return p;
    }

    static CUdeviceptr of(float... values) {
        CUdeviceptr p = fresh(values.length);
        check(cuMemcpyHtoD(p, Pointer.to(values), 4L * values.length), "cuMemcpyHtoD");
        return p;
    }

    static CUdeviceptr of(int... values) {
        CUdeviceptr p = fresh(values.length);
        check(cuMemcpyHtoD(p, Pointer.to(values), 4L * values.length), "cuMemcpyHtoD");
        return p;
    }

    static float[] read(CUdeviceptr p, int floats) {
        float[] values = new float[floats];
        check(cuMemcpyDtoH(Pointer.to(values), p, 4L * floats), "cuMemcpyDtoH");
        return values;
    }

    static Pointer pinned(int floats) {
        Pointer p = new Pointer();
        check(cuMemAllocHost(p, 4L * floats), "cuMemAllocHost");
        return p;
    }

    static FloatBuffer floats(Pointer pinned, int floats) {
        return pinned.getByteBuffer(0, 4L * floats)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }

    static float[] ramp(int n) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = i;
        }
        return values;
    }
}
