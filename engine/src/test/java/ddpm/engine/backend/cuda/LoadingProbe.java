package ddpm.engine.backend.cuda;

import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.cuda.driver.CudaDevice;
import ddpm.engine.backend.cuda.load.CudaLibraries;
import ddpm.engine.backend.cuda.load.LibrarySearch;
import ddpm.engine.backend.cuda.load.LoaderCache;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.jcudnn.JCudnn;

/** A process that loads the libraries of one folder and nothing else, and says what happened. */
public final class LoadingProbe {
    private LoadingProbe() {}

    /** @param args the folder */
    public static void main(String[] args) {
        try {
            LibrarySearch search = new LibrarySearch(
                    Map.of("DDPM_CUDA_PATH", args[0]),
                    LoaderCache.read(Path.of("none")),
                    List.of(),
                    CudaLibraries::note);
            CudaLibraries libraries = new CudaLibraries(search);
            libraries.loadAll();
            System.out.println("driver " + CudaLibraries.name(libraries.driverVersion()));
            System.out.println("CUDA " + libraries.cudaVersion());
            int[] version = {0};
            JCublas2.cublasGetVersion(new cublasHandle(), version);
            System.out.println("cuBLAS " + version[0]);
            System.out.println("cuDNN " + JCudnn.cudnnGetVersion());
            System.out.println("temporary folder " + System.getProperty("java.io.tmpdir"));
            new CudaDevice(0);
            System.out.println("opened");
        } catch (BackendException e) {
            System.out.println(e.getMessage());
        }
        CudaLibraries.trace().forEach(line -> System.out.println("trace " + line));
    }
}
