package ddpm.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.cli.Main;
import ddpm.engine.backend.cuda.CudaInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What doctor says of the GPU on several machines, each pretended for a process of its own. */
class DoctorCudaTest {
    private static final String PATH = "DDPM_CUDA_PATH";

    @TempDir
    Path folder;

    @Test
    void triesEverythingOnTheSimulatorAndCallsItOne() throws Exception {
        requireSimulator();
        String said = doctor(Map.of());
        assertLine(said, "cuda      usable, but a simulator: CUDA simulator, compute capability 8.0, ");
        for (String test : new String[] {"matrix product  right", "convolution     right", "recorded graph  right"}) {
            assertEquals(3, said.split(test, -1).length, test + " on both devices: " + said);
        }
        assertTrue(
                Pattern.compile("          kernels         [1-9]\\d+ from PTX, loaded in [1-9][\\d,]* µs\n")
                        .matcher(said)
                        .find(),
                said);
        assertLine(said, "          supports CUDA 12.6 (driver), cuBLAS 12.6.0, cuDNN 9.5.0\n");
        assertLine(
                said, "          libcuda.so.1: " + Path.of(System.getenv(PATH)).normalize());
        assertLine(said, "          loaded " + Path.of(System.getenv(PATH)).normalize());
        assertLine(said, "          cuDNN: built for CUDA 12.6\n");
    }

    @Test
    void saysThatADriverOfCuda13CompilesNothing() throws Exception {
        requireSimulator();
        String said = doctor(Map.of(
                PATH, cuda13() + ":" + System.getenv(PATH), "CUSIM_DRIVER_VERSION", "13000", "CUSIM_CAPABILITY", "90"));
        assertTrue(
                Pattern.compile(
                                "          kernels         [1-9]\\d+ compiled for this GPU, loaded in [1-9][\\d,]* µs\n")
                        .matcher(said)
                        .find(),
                said);
    }

    @Test
    void saysThatThereIsNoDriver() throws Exception {
        String said = doctor(Map.of(PATH, folder.toString()));
        // not by /proc/driver/nvidia, which sandboxes with a GPU lack
        Assumptions.assumeFalse(
                Pattern.compile("libcuda\\.so\\.1: /.* \\(the (loader's cache|usual folders)\\)\n")
                        .matcher(said)
                        .find(),
                () -> "this machine has a driver: " + said);
        assertLine(
                said,
                "cuda      not usable: cuda: there is no NVIDIA driver on this machine (libcuda.so.1 not found);");
        assertLine(said, "          libcuda.so.1: not in " + PATH + "=" + folder + "\n");
        assertLine(said, "          libcuda.so.1: not in the usual folders\n");
    }

    @Test
    void saysWhichLibraryADriverOfCuda13Misses() throws Exception {
        onlyTheDriver();
        assertLine(
                doctor(Map.of(PATH, folder.toString(), "CUSIM_DRIVER_VERSION", "13000")),
                "cuda      not usable: cuda: neither libcublas.so.13 nor libcublas.so.12 found; install cuBLAS");
    }

    @Test
    void saysThatADriverIsTooOld() throws Exception {
        onlyTheDriver();
        assertLine(
                doctor(Map.of(PATH, folder.toString(), "CUSIM_DRIVER_VERSION", "11080")),
                "cuda      not usable: cuda: the NVIDIA driver is too old, it supports CUDA 11.8 and 12.0 is needed;");
    }

    @Test
    void saysThatThereIsNoGpuOrThatItIsTooOld() throws Exception {
        requireSimulator();
        assertLine(
                doctor(Map.of("CUSIM_NO_DEVICE", "1")),
                "cuda      not usable: cuda: starting the driver: no NVIDIA GPU is visible (status 100);");
        assertLine(
                doctor(Map.of("CUSIM_CAPABILITY", "61")),
                "cuda      not usable: cuda: CUDA simulator has compute capability 6.1, at least 7.5");
    }

    @Test
    void saysThatTheMemoryDoesNotSuffice() throws Exception {
        requireSimulator();
        assertLine(
                doctor(Map.of("CUSIM_MEMORY_MB", "16")),
                "cuda      not usable: cuda: out of memory asking for 32.0 MiB on CUDA simulator: ");
    }

    /** PTX that is too new for the driver, and that it cannot or may not compile. */
    @ParameterizedTest
    @CsvSource({
        "222, the driver is too old for the kernels, update the driver",
        "221, the driver's compiler (libnvidia-ptxjitcompiler.so.1) is missing, reinstall the driver",
        "223, the driver may not compile the kernels, unset CUDA_DISABLE_PTX_JIT"
    })
    void saysWhyTheDriverRefusesTheKernels(int status, String problem, String remedy) throws Exception {
        requireSimulator();
        assertLine(
                doctor(Map.of("CUSIM_MODULE_STATUS", String.valueOf(status))),
                "cuda      not usable: cuda: loading kernel adam on CUDA simulator: " + problem + " (status " + status
                        + "); " + remedy + "\n");
    }

    /** What NVIDIA's libcublas.so.13 says where there is a driver's library without a GPU behind it. */
    @Test
    void saysThatCublasDoesNotStart() throws Exception {
        requireSimulator();
        assertLine(
                doctor(Map.of("CUSIM_CUBLAS_STATUS", "1")),
                "cuda      not usable: cuda: cuBLAS: opening: not initialised (status 1); the driver may be too old for"
                        + " this cuBLAS\n");
    }

    // ---- CUDA 13: the simulator's libraries under its names, with its symbol versions

    private static String cuda13() {
        requireSimulator();
        return Path.of(System.getenv(PATH)).normalize().resolve("cuda13").toString();
    }

    @Test
    void triesEverythingWithTheLibrariesOfCuda13() throws Exception {
        String said = doctor(Map.of(PATH, cuda13() + ":" + System.getenv(PATH), "CUSIM_DRIVER_VERSION", "13000"));
        assertLine(said, "cuda      usable, but a simulator: CUDA simulator, compute capability 8.0, ");
        for (String test : new String[] {"matrix product  right", "convolution     right", "recorded graph  right"}) {
            assertEquals(3, said.split(test, -1).length, test + " on both devices: " + said);
        }
        assertLine(said, "          supports CUDA 13.0 (driver), cuBLAS 13.0.0, cuDNN 9.5.0\n");
        assertLine(said, "          loaded " + cuda13() + "/libcublas.so.13\n");
        assertLine(said, "          loaded " + cuda13() + "/libcudnn.so.9\n");
        assertLine(said, "          cuDNN: built for CUDA 13.0\n");
    }

    @Test
    void takesTheLibrariesOfCuda12WithADriverOfCuda13() throws Exception {
        String said = doctor(Map.of("CUSIM_DRIVER_VERSION", "13000"));
        assertLine(said, "cuda      usable, but a simulator: ");
        assertLine(said, "          supports CUDA 13.0 (driver), cuBLAS 12.6.0, cuDNN 9.5.0\n");
    }

    @Test
    void saysThatTheDriverIsTooOldForCuda13() throws Exception {
        onlyTheDriver();
        assertLine(
                doctor(Map.of(PATH, folder + ":" + cuda13())),
                "cuda      not usable: cuda: libcublas.so.13 needs a driver for CUDA 13 (580 or newer), this one supports"
                        + " 12.6; update the driver or install cuBLAS of CUDA 12, or run with --device cpu\n");
    }

    @Test
    void saysThatCudnnIsMissingOrOfAnotherCuda() throws Exception {
        onlyTheDriver();
        copy(Path.of(cuda13(), "libcublas.so.13"), "libcublas.so.13");
        assertLine(
                doctor(Map.of(PATH, folder.toString(), "CUSIM_DRIVER_VERSION", "13000")),
                "cuda      not usable: cuda: libcudnn.so.9 not found; install cuDNN 9 for CUDA 13 (Debian:"
                        + " libcudnn9-cuda-13, Python: nvidia-cudnn-cu13) and set DDPM_CUDA_PATH");
        assertLine(
                doctor(Map.of(PATH, folder + ":" + System.getenv(PATH), "CUSIM_DRIVER_VERSION", "13000")),
                "cuda      not usable: cuda: this cuDNN is built for CUDA 12 and cuBLAS is of CUDA 13; install cuDNN 9 for"
                        + " CUDA 13 ");
    }

    /** Its symbols have the versions of CUDA 12, whatever the file is called. */
    @Test
    void saysThatALibraryIsNotWhatItIsCalled() throws Exception {
        onlyTheDriver();
        copy(Path.of(System.getenv(PATH), "libcublas.so.12"), "libcublas.so.13");
        String said = doctor(Map.of(PATH, folder + ":" + cuda13(), "CUSIM_DRIVER_VERSION", "13000"));
        assertLine(said, "cuda      not usable: cuda: what was found is not the library that it is called (");
        assertLine(said, "libcublas.so.13");
    }

    private void copy(Path library, String name) throws IOException {
        Files.copy(library, folder.resolve(name));
    }

    private static void requireSimulator() {
        Assumptions.assumeTrue(CudaInfo.simulated(), () -> "no simulator: " + CudaInfo.whyNot());
    }

    /** A machine with the simulator's driver and no other library. */
    private void onlyTheDriver() throws IOException {
        requireSimulator();
        copy(Path.of(System.getenv(PATH), "libcuda.so.1"), "libcuda.so.1");
    }

    private static void assertLine(String said, String part) {
        assertTrue(said.contains(part), "'" + part + "' is not in:\n" + said);
    }

    private static String doctor(Map<String, String> environment) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "doctor");
        builder.environment().putAll(environment);
        Process process = builder.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        return said;
    }
}
