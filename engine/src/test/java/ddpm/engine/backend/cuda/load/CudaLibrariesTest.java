package ddpm.engine.backend.cuda.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.cuda.LoadingProbe;
import ddpm.engine.backend.cuda.StubLibraries;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Machines with all kinds of libraries, each in a process of its own: what loads, and what is said where it does not. */
@Tag("cuda")
class CudaLibrariesTest {
    @TempDir
    Path scratch;

    @Test
    void loadsCuda12() throws Exception {
        List<String> said = load(stubs().driver(12_040, 1).cublas(12).cudnn(12));
        assertEquals(List.of("driver 12.4", "CUDA 12", "cuBLAS 120000", "cuDNN 90100"), said.subList(0, 4));
    }

    @Test
    void loadsCuda13() throws Exception {
        List<String> said = load(stubs().driver(13_000, 1).cublas(13).cudnn(13));
        assertEquals(List.of("driver 13.0", "CUDA 13", "cuBLAS 130000", "cuDNN 90100"), said.subList(0, 4));
    }

    @Test
    void takesTheNewerOfTwoThatTheDriverSupports() throws Exception {
        StubLibraries both = stubs().cublas(12).cublas(13);
        assertEquals("CUDA 13", load(both.driver(13_000, 1).cudnn(13)).get(1));
        assertEquals("CUDA 12", load(both.driver(12_080, 1).cudnn(12)).get(1));
    }

    @Test
    void noticesACudnnForAnotherCuda() throws Exception {
        assertEquals(
                "cuda: this cuDNN is built for CUDA 12 and cuBLAS is of CUDA 13; install cuDNN 9 for CUDA 13 (Debian:"
                        + " libcudnn9-cuda-13, Python: nvidia-cudnn-cu13), or set DDPM_CUDA_PATH to folders where both are"
                        + " of one CUDA, or compute on the CPU",
                load(stubs().driver(13_000, 1).cublas(13).cudnn(12)).get(0));
    }

    @Test
    void leavesNothingBehindAndTrustsNothingThere() throws Exception {
        Path temporary = Files.createDirectory(scratch.resolve("tmp"));
        Path planted = temporary.resolve("libJCudaDriver-12.6.0-linux-x86_64.so");
        Files.writeString(planted, "not a library");
        List<String> said = load(stubs().driver(12_040, 1).cublas(12).cudnn(12));
        assertEquals("temporary folder " + temporary, said.get(4));
        try (Stream<Path> left = Files.list(temporary)) {
            assertEquals(
                    List.of(planted),
                    left.filter(p -> !p.getFileName().toString().startsWith("hsperf"))
                            .toList());
        }
    }

    @Test
    void saysWhatIsMissingOrTooOldAndWhatHelps() throws Exception {
        StubLibraries stubs = stubs();
        assertEquals(
                "cuda: there is no NVIDIA driver on this machine (libcuda.so.1 not found); install driver 525 or newer,"
                        + " or compute on the CPU",
                load(stubs).get(0));
        assertEquals(
                "cuda: the NVIDIA driver is too old, it supports CUDA 11.4 and 12.0 is needed; update the driver to 525 or"
                        + " newer, or compute on the CPU",
                load(stubs.driver(11_040, 1)).get(0));
        assertEquals(
                "cuda: libcublas.so.12 not found; install cuBLAS of CUDA 12 (Debian: libcublas-12-6, Python:"
                        + " nvidia-cublas-cu12) and set DDPM_CUDA_PATH to its folder if it is not found, or compute on"
                        + " the CPU",
                load(stubs.driver(12_040, 1)).get(0));
        assertEquals(
                "cuda: libcublas.so.13 needs a driver for CUDA 13 (580 or newer), this one supports 12.4; update the"
                        + " driver or install cuBLAS of CUDA 12, or compute on the CPU",
                load(stubs.cublas(13)).get(0));
        assertEquals(
                "cuda: libcudnn.so.9 not found; install cuDNN 9 for CUDA 13 (Debian: libcudnn9-cuda-13, Python:"
                        + " nvidia-cudnn-cu13) and set DDPM_CUDA_PATH to its folder if it is not found, or compute on"
                        + " the CPU",
                load(stubs.driver(13_000, 1)).get(0));
        assertEquals(
                "cuda: starting the driver: no NVIDIA GPU is visible (status 100); check nvidia-smi and"
                        + " CUDA_VISIBLE_DEVICES, or compute on the CPU",
                load(stubs.driver(13_000, 0).cudnn(13)).get(5));
    }

    @Test
    void notesEachPlaceItLooksAt() throws Exception {
        List<String> trace = load(stubs().driver(12_040, 1)).stream()
                .filter(line -> line.startsWith("trace "))
                .toList();
        Path folder = scratch.resolve("stubs-of-the-test");
        String place = "DDPM_CUDA_PATH=" + folder;
        assertEquals("trace libcuda.so.1: " + folder.resolve("libcuda.so.1") + " (" + place + ")", trace.get(0));
        assertTrue(trace.contains("trace driver: supports CUDA up to 12.4"), trace::toString);
        assertTrue(trace.contains("trace libcublas.so.12: not in " + place), trace::toString);
        assertTrue(trace.contains("trace libcublas.so.12: not in the loader's cache"), trace::toString);
    }

    @Test
    void supportsLinuxOnX86Only() {
        CudaLibraries.requirePlatform("Linux", "amd64");
        for (String[] other : new String[][] {{"Linux", "aarch64"}, {"Mac OS X", "x86_64"}, {"Windows 11", "amd64"}}) {
            BackendException e =
                    assertThrows(BackendException.class, () -> CudaLibraries.requirePlatform(other[0], other[1]));
            assertEquals(
                    "cuda: GPUs are supported on Linux on x86-64 only, this is " + other[0] + " on " + other[1]
                            + "; compute on the CPU",
                    e.getMessage());
        }
    }

    private StubLibraries stubs() throws Exception {
        return new StubLibraries(scratch);
    }

    /** What the probe prints. */
    private List<String> load(StubLibraries stubs) throws Exception {
        Path temporary = scratch.resolve("tmp");
        Files.createDirectories(temporary);
        Process probe = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Djava.io.tmpdir=" + temporary,
                        "-cp",
                        System.getProperty("java.class.path"),
                        LoadingProbe.class.getName(),
                        stubs.folder().toString())
                .redirectErrorStream(true)
                .start();
        List<String> said = new String(probe.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        assertEquals(0, probe.waitFor(), said::toString);
        return said;
    }
}
