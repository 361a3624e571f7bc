package ddpm.engine.backend.cuda.kernel;

import ddpm.engine.backend.BackendException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * Where the code of kernels lies in the jar: each kernel a file of its own, as PTX for every GPU, and for the usual GPUs
 * compiled, too.
 *
 * @param ptx folder of {@code KERNEL.ptx.gz}; of {@code KERNEL.ptx} for kernels of the tests
 * @param cubins folder of {@code KERNEL.cubin.gz}; null where this GPU or this driver has none
 */
public record KernelCode(String ptx, String cubins) {
    /** Not the class: on the module path that would look into this module only, and kernels are in another jar. */
    private static final ClassLoader LOADER = KernelCode.class.getClassLoader();

    private static final String ROOT = "ddpm/kernels/";
    private static final String PACKED = ".gz";

    /** The first driver that loads what ptxas of CUDA 13 makes; an older one compiles the PTX. */
    private static final int CUBIN_DRIVER = 13_000;

    /** As kernels/build-ptx.sh makes them. A cubin runs on its own compute capability and later ones of the same major. */
    private static final List<Integer> CUBINS = List.of(120, 100, 90, 80, 75);

    /** @param driver the newest CUDA that the driver supports, 1000 * major + 10 * minor */
    static KernelCode shipped(int capability, int driver) {
        String ptx = capability >= 80 ? "ptx-80" : "ptx-75";
        return new KernelCode(
                ptx,
                CUBINS.stream()
                        .filter(c -> driver >= CUBIN_DRIVER && c / 10 == capability / 10 && c <= capability)
                        .findFirst()
                        .map(c -> "sm_" + c)
                        .orElse(null));
    }

    /** @throws BackendException naming the kernel when there is none of this name */
    void require(String kernel) {
        if (!isThere(ptxOf(kernel)) && !isThere(ptxOf(kernel) + PACKED)) {
            throw new BackendException(
                    "cuda: no kernel " + kernel + " in this build", "make it as kernels/README.md says");
        }
    }

    /** The parameters of a kernel. */
    KernelSignature signature(String kernel) {
        return KernelSignature.parse(ptxText(kernel)).get(kernel);
    }

    /** What the driver takes: a cubin, or PTX and a zero. */
    byte[] image(String kernel) {
        String cubin = ROOT + cubins + "/" + kernel + ".cubin" + PACKED;
        return cubins != null && isThere(cubin) ? unpacked(cubin) : ptxImage(kernel); // a bundle has those of one GPU
    }

    byte[] ptxImage(String kernel) {
        return (ptxText(kernel) + '\0').getBytes(StandardCharsets.UTF_8);
    }

    /** The kernels that ship for this GPU. */
    List<String> names() {
        return text(ROOT + ptx + "/names.txt").lines().toList();
    }

    private String ptxText(String kernel) {
        String packed = ptxOf(kernel) + PACKED;
        return isThere(packed) ? new String(unpacked(packed), StandardCharsets.UTF_8) : text(ptxOf(kernel));
    }

    private static boolean isThere(String resource) {
        return LOADER.getResource(resource) != null;
    }

    private String ptxOf(String kernel) {
        return ROOT + ptx + "/" + kernel + ".ptx";
    }

    private static String text(String resource) {
        return new String(bytes(resource), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String resource) {
        try (InputStream in = open(resource)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw unreadable(resource, e);
        }
    }

    private static byte[] unpacked(String resource) {
        try (InputStream in = new GZIPInputStream(open(resource))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw unreadable(resource, e);
        }
    }

    private static InputStream open(String resource) {
        InputStream in = LOADER.getResourceAsStream(resource);
        if (in == null) {
            throw new BackendException("cuda: this build has no " + resource, "make it as kernels/README.md says");
        }
        return in;
    }

    private static BackendException unreadable(String resource, IOException e) {
        return new BackendException("cuda: " + resource + " in the jar cannot be read", "download it again", null, e);
    }
}
