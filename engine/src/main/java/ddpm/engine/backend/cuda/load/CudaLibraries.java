package ddpm.engine.backend.cuda.load;

import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.BackendException.Instead;
import ddpm.engine.backend.cuda.driver.CudaStatus;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import jcuda.driver.JCudaDriver;
import jcuda.jcudnn.JCudnn;

/**
 * Finds and loads, once per process, the driver, cuBLAS and cuDNN of this machine and JCuda's natives of the jar. The
 * libraries are loaded by their full paths before the natives that need them, so no LD_LIBRARY_PATH is wanted, and CUDA 12
 * and 13 both do.
 */
public final class CudaLibraries {
    /** The first driver of CUDA 12, as the driver counts. */
    private static final int OLDEST_DRIVER = 12_000;

    private static final String SET_PATH = " and set DDPM_CUDA_PATH to its folder if it is not found";

    private static CudaLibraries loaded;
    private static BackendException failure;
    private static final List<String> TRACE = new ArrayList<>();

    private final LibrarySearch search;
    private int driverVersion;
    private int cudaVersion;

    /** @param search whose notes go where {@link #trace} reads them */
    public CudaLibraries(LibrarySearch search) {
        this.search = search;
    }

    /**
     * Loads everything, or says again why it could not.
     *
     * @throws BackendException one sentence: what is missing or too old, and the remedy
     */
    public static synchronized CudaLibraries load() {
        if (failure != null) {
            throw new BackendException(
                    failure.problem(), failure.remedy(), failure.instead().orElse(null), failure);
        }
        if (loaded == null) {
            try {
                CudaLibraries libraries =
                        new CudaLibraries(new LibrarySearch(System.getenv(), LoaderCache.read(), CudaLibraries::note));
                libraries.loadAll();
                loaded = libraries;
            } catch (BackendException e) {
                TRACE.add(e.problem());
                failure = e;
                throw e;
            }
        }
        return loaded;
    }

    /** What {@link #load} looked at and found, a line each, in order. */
    public static synchronized List<String> trace() {
        return List.copyOf(TRACE);
    }

    /** The newest CUDA that the driver supports: 12040 is 12.4. */
    public int driverVersion() {
        return driverVersion;
    }

    /** Major version of the CUDA libraries in use: 12 or 13. */
    public int cudaVersion() {
        return cudaVersion;
    }

    public void loadAll() {
        requirePlatform(System.getProperty("os.name"), System.getProperty("os.arch"));
        loadDriver();
        loadCublas();
        loadCudnn();
    }

    /** @throws BackendException anywhere but on Linux on x86-64 */
    static void requirePlatform(String os, String architecture) {
        boolean linux = os.toLowerCase(Locale.ROOT).startsWith("linux");
        if (!linux || !(architecture.equals("amd64") || architecture.equals("x86_64"))) {
            throw new BackendException(
                    "cuda: GPUs are supported on Linux on x86-64 only, this is " + os + " on " + architecture,
                    "",
                    Instead.CPU);
        }
    }

    private void loadDriver() {
        Path driver = search.find("libcuda.so.1")
                .orElseThrow(() -> new BackendException(
                        "cuda: there is no NVIDIA driver on this machine (libcuda.so.1 not found)",
                        "install driver 525 or newer",
                        Instead.CPU));
        load(driver, "the NVIDIA driver", "reinstall the driver");
        JCudaNatives.DRIVER.load(b -> b);
        JCudaDriver.setExceptionsEnabled(false);
        int[] version = {0};
        CudaStatus.check(JCudaDriver.cuDriverGetVersion(version), "asking the driver for its version");
        driverVersion = version[0];
        TRACE.add("driver: supports CUDA up to " + name(driverVersion));
        if (driverVersion < OLDEST_DRIVER) {
            throw new BackendException(
                    "cuda: the NVIDIA driver is too old, it supports CUDA " + name(driverVersion)
                            + " and 12.0 is needed",
                    "update the driver to 525 or newer",
                    Instead.CPU);
        }
    }

    private void loadCublas() {
        Optional<Path> found = driverVersion >= 13_000
                ? search.find("libcublas.so.13", "libcublas.so.12")
                : search.find("libcublas.so.12");
        Path cublas = found.orElseThrow(this::noCublas);
        cudaVersion = cublas.getFileName().toString().endsWith("13") ? 13 : 12;
        // cuBLAS needs cublasLt, cuDNN compiles kernels by NVRTC; both are found by the names of loaded libraries
        loadBeside(cublas, "libcublasLt.so." + cudaVersion);
        search.find("libnvrtc.so." + cudaVersion).ifPresent(nvrtc -> {
            LibrarySearch.beside(nvrtc, "libnvrtc-builtins.so." + cudaVersion + ".*")
                    .forEach(CudaLibraries::tryLoad);
            tryLoad(nvrtc);
        });
        load(cublas, "cuBLAS", "reinstall CUDA " + cudaVersion);
        String wanted = "libcublas.so." + cudaVersion;
        JCudaNatives.CUBLAS.load(b -> cudaVersion == 12 ? b : Retarget.rename(b, "libcublas.so.12", wanted));
    }

    private BackendException noCublas() {
        if (driverVersion >= 13_000) {
            return new BackendException(
                    "cuda: neither libcublas.so.13 nor libcublas.so.12 found",
                    "install cuBLAS of CUDA 13 or 12 (Debian: libcublas-13-0, Python: nvidia-cublas)" + SET_PATH,
                    Instead.CPU);
        }
        if (search.find("libcublas.so.13").isPresent()) {
            return new BackendException(
                    "cuda: libcublas.so.13 needs a driver for CUDA 13 (580 or newer), this one supports "
                            + name(driverVersion),
                    "update the driver or install cuBLAS of CUDA 12",
                    Instead.CPU);
        }
        return new BackendException(
                "cuda: libcublas.so.12 not found",
                "install cuBLAS of CUDA 12 (Debian: libcublas-12-6, Python: nvidia-cublas-cu12)" + SET_PATH,
                Instead.CPU);
    }

    private void loadCudnn() {
        Path cudnn = search.find("libcudnn.so.9")
                .orElseThrow(() ->
                        new BackendException("cuda: libcudnn.so.9 not found", installCudnn() + SET_PATH, Instead.CPU));
        load(cudnn, "cuDNN", "reinstall cuDNN 9");
        // cuDNN opens its parts by name when it first needs them; one that needs a later one loads by its own path
        for (String part :
                List.of("graph", "ops", "engines_precompiled", "engines_runtime_compiled", "heuristic", "cnn")) {
            loadBeside(cudnn, "libcudnn_" + part + ".so.9");
        }
        JCudaNatives.CUDNN.load(b -> b);
        requireSameCuda(JCudnn.cudnnGetCudartVersion());
    }

    /** @param runtime of CUDA that cuDNN was built with, as 12060; its parts load the cuBLAS and NVRTC of that CUDA */
    private void requireSameCuda(long runtime) {
        TRACE.add("cuDNN: built for CUDA " + name(Math.toIntExact(runtime)));
        if (runtime / 1000 != cudaVersion) {
            throw new BackendException(
                    "cuda: this cuDNN is built for CUDA " + runtime / 1000 + " and cuBLAS is of CUDA " + cudaVersion,
                    installCudnn() + ", or set DDPM_CUDA_PATH to folders where both are of one CUDA",
                    Instead.CPU);
        }
    }

    private String installCudnn() {
        return "install cuDNN 9 for CUDA " + cudaVersion + " (Debian: libcudnn9-cuda-" + cudaVersion
                + ", Python: nvidia-cudnn-cu" + cudaVersion + ")";
    }

    private void loadBeside(Path library, String soname) {
        List<Path> beside = LibrarySearch.beside(library, soname);
        (beside.isEmpty() ? search.find(soname) : Optional.of(beside.get(0))).ifPresent(CudaLibraries::tryLoad);
    }

    private static void load(Path library, String what, String remedy) {
        try {
            System.load(library.toString());
            TRACE.add("loaded " + library);
        } catch (UnsatisfiedLinkError e) {
            throw new BackendException(
                    "cuda: " + what + " cannot be loaded (" + e.getMessage() + ")", remedy, Instead.CPU, e);
        }
    }

    /** A library that others open by themselves if they can. */
    private static void tryLoad(Path library) {
        try {
            System.load(library.toString());
            TRACE.add("loaded " + library);
        } catch (UnsatisfiedLinkError e) {
            TRACE.add("not loaded " + library + ": " + e.getMessage());
        }
    }

    public static void note(String line) {
        TRACE.add(line);
    }

    /** 12040 as 12.4. */
    public static String name(int version) {
        return version / 1000 + "." + version % 1000 / 10;
    }
}
