package ddpm.verify;

import ddpm.engine.io.Safetensors;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.HostTensor;
import ddpm.testing.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** A copy of src/test/resources/tiny to be damaged. */
record TinySet(Path folder) {
    static TinySet copyTo(Path folder) throws IOException {
        try (var files = Files.list(Golden.folder("tiny"))) {
            for (Path f : files.toList()) {
                Files.copy(f, folder.resolve(f.getFileName()));
            }
        }
        return new TinySet(folder);
    }

    Path file(String name) {
        return folder.resolve(name);
    }

    /** Rewrites a safetensors file; {@code change} is given its tensors. */
    void edit(String file, Consumer<Map<String, HostTensor>> change) throws IOException {
        Map<String, HostTensor> tensors =
                new LinkedHashMap<>(Safetensors.read(file(file)).tensors());
        change.accept(tensors);
        Safetensors.write(file(file), tensors, Map.of());
    }

    void remove(String file, String prefix) throws IOException {
        edit(file, all -> {
            if (!all.keySet().removeIf(n -> n.startsWith(prefix))) {
                throw new AssertionError("no " + prefix + " in " + file);
            }
        });
    }

    /** Sets the last element. */
    void set(String file, String tensor, double value) throws IOException {
        edit(file, all -> all.put(tensor, with(all.get(tensor), value)));
    }

    void replace(String file, String from, String to) throws IOException {
        String text = Files.readString(file(file));
        if (!text.contains(from)) {
            throw new AssertionError("no " + from + " in " + file);
        }
        Files.writeString(file(file), text.replaceFirst(java.util.regex.Pattern.quote(from), to));
    }

    void cut(String file, long bytes) throws IOException {
        byte[] all = Files.readAllBytes(file(file));
        Files.write(file(file), Arrays.copyOf(all, (int) Math.min(bytes, all.length)));
    }

    static HostTensor with(HostTensor t, double value) {
        if (t.dtype() == DType.I64) {
            long[] v = t.toLongs();
            v[v.length - 1] = (long) value;
            return HostTensor.i64(t.shape(), v);
        }
        if (t.dtype() == DType.F64) {
            double[] v = t.toDoubles();
            v[v.length - 1] = value;
            return HostTensor.f64(t.shape(), v);
        }
        float[] v = t.toFloats();
        v[v.length - 1] = (float) value;
        return HostTensor.f32(t.shape(), v);
    }
}
