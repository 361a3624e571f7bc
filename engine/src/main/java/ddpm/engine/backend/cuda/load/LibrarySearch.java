package ddpm.engine.backend.cuda.load;

import ddpm.engine.disk.PathText;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Where NVIDIA's libraries lie: what the user points to comes before what the system knows, that before the usual folders.
 * Every look is noted, for {@code ddpm doctor} and for the error when nothing is found.
 */
public final class LibrarySearch {
    /** Folders of libraries below a CUDA installation, a Python environment, or its site-packages. */
    private static final List<String> BELOW = List.of(
            ".",
            "lib64",
            "lib",
            "targets/x86_64-linux/lib",
            "nvidia/*/lib",
            "site-packages/nvidia/*/lib",
            "lib/python3*/site-packages/nvidia/*/lib");

    private static final List<String> USUAL = List.of(
            "/usr/local/cuda/lib64",
            "/usr/local/cuda-*/lib64",
            "/usr/local/nvidia/lib64",
            "/usr/lib/x86_64-linux-gnu",
            "/usr/lib64",
            "/usr/lib",
            "/usr/lib/x86_64-linux-gnu/nvidia/current",
            "/usr/lib/wsl/lib",
            "/run/opengl-driver/lib",
            "/opt/cuda/lib64");

    private final Map<String, List<Path>> places = new LinkedHashMap<>();
    private final LoaderCache cache;
    private final Consumer<String> trace;

    /**
     * @param env the environment's variables
     * @param trace takes a line for each library and place
     */
    public LibrarySearch(Map<String, String> env, LoaderCache cache, Consumer<String> trace) {
        this(env, cache, USUAL, trace);
    }

    /** @param usual folders to look at last; for tests */
    public LibrarySearch(Map<String, String> env, LoaderCache cache, List<String> usual, Consumer<String> trace) {
        this.cache = cache;
        this.trace = trace;
        for (String variable : List.of("DDPM_CUDA_PATH", "CUDA_HOME", "CUDA_PATH")) {
            addRoots(variable, env.get(variable));
        }
        addFolders("LD_LIBRARY_PATH", env.get("LD_LIBRARY_PATH"));
        places.put("the loader's cache", List.of());
        places.put(
                "the usual folders",
                usual.stream()
                        .flatMap(p -> expand(Path.of("/"), p.substring(1)).stream())
                        .toList());
    }

    private void addRoots(String variable, String value) {
        if (value != null && !value.isBlank()) {
            Set<Path> folders = new LinkedHashSet<>();
            for (String root : value.split(":")) {
                PathText.variable(root).ifPresent(path -> BELOW.forEach(b -> folders.addAll(expand(path, b))));
            }
            places.put(variable + "=" + value, List.copyOf(folders));
        }
    }

    private void addFolders(String variable, String value) {
        if (value != null && !value.isBlank()) {
            List<Path> folders = new ArrayList<>();
            for (String folder : value.split(":")) {
                PathText.variable(folder).ifPresent(folders::add);
            }
            places.put(variable + "=" + value, folders);
        }
    }

    /** The folders below a root that a pattern with stars matches, the highest name first. */
    private static List<Path> expand(Path root, String pattern) {
        List<Path> found = List.of(root);
        for (String name : pattern.split("/")) {
            List<Path> next = new ArrayList<>();
            for (Path folder : found) {
                next.addAll(children(folder, name));
            }
            found = next;
        }
        return found;
    }

    private static List<Path> children(Path folder, String name) {
        if (!name.contains("*")) {
            Path child = folder.resolve(name).normalize();
            return Files.isDirectory(child) ? List.of(child) : List.of();
        }
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> matching = Files.newDirectoryStream(folder, name)) {
            matching.forEach(found::add);
        } catch (IOException unreadable) {
            return List.of();
        }
        found.sort(Comparator.reverseOrder());
        return found;
    }

    /** The first library found: place by place, in each the names in their order. */
    Optional<Path> find(String... sonames) {
        for (Map.Entry<String, List<Path>> place : places.entrySet()) {
            for (String soname : sonames) {
                List<Path> candidates = place.getValue().isEmpty()
                                && place.getKey().equals("the loader's cache")
                        ? cache.find(soname)
                        : place.getValue().stream().map(f -> f.resolve(soname)).toList();
                for (Path file : candidates) {
                    if (Files.isRegularFile(file) && !isStub(file)) {
                        trace.accept(soname + ": " + file + " (" + place.getKey() + ")");
                        return Optional.of(file.toAbsolutePath());
                    }
                }
            }
            trace.accept(String.join(", ", sonames) + ": not in " + place.getKey());
        }
        return Optional.empty();
    }

    /** The toolkit's stand-in for the driver, made for linking only. */
    private static boolean isStub(Path file) {
        return file.getParent() != null && file.getParent().endsWith("stubs");
    }

    /** Libraries beside a found one whose names begin so, sorted. */
    static List<Path> beside(Path library, String glob) {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(library.getParent(), glob)) {
            files.forEach(found::add);
        } catch (IOException unreadable) {
            return List.of();
        }
        Collections.sort(found);
        return found;
    }
}
