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
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
        assertLine(said, "          supports CUDA 12.6 (driver), cuBLAS ");
        assertLine(said, ", cuDNN 9.5.0\n");
        assertLine(
                said, "          libcuda.so.1: " + Path.of(System.getenv(PATH)).normalize());
        assertLine(said, "          loaded " + Path.of(System.getenv(PATH)).normalize());
        assertLine(said, "          cuDNN: built for CUDA 12.6\n");
    }

    @Test
    void saysThatThereIsNoDriver() throws Exception {
        Assumptions.assumeFalse(Files.exists(Path.of("/proc/driver/nvidia/version")), "this machine has a driver");
        String said = doctor(Map.of(PATH, folder.toString()));
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
                "cuda      not usable: cuda: starting the driver: no NVIDIA GPU is visible;");
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

    private static void requireSimulator() {
        Assumptions.assumeTrue(CudaInfo.simulated(), () -> "no simulator: " + CudaInfo.whyNot());
    }

    /** A machine with the simulator's driver and no other library. */
    private void onlyTheDriver() throws IOException {
        requireSimulator();
        Files.copy(Path.of(System.getenv(PATH), "libcuda.so.1"), folder.resolve("libcuda.so.1"));
    }

    private static void assertLine(String said, String part) {
        assertTrue(said.contains(part), "'" + part + "' is not in:\n" + said);
    }

    private static String doctor(Map<String, String> environment) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
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
