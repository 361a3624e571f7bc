package ddpm.train;

import ddpm.engine.io.DType;
import ddpm.engine.io.HostTensor;
import java.nio.IntBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Compares the tensors of a file with the parameters of a model, before any of them is used. */
public final class WeightCheck {
    private static final int EXAMPLES = 3;
    private static final int F32_EXPONENT = 0x7f800000;

    private final List<String> missing = new ArrayList<>();
    private final List<String> surplus = new ArrayList<>();
    private final List<String> shapes = new ArrayList<>();
    private final List<String> dtypes = new ArrayList<>();
    private final List<String> notFinite = new ArrayList<>();

    private WeightCheck() {}

    /**
     * Returns when {@code found} has exactly the expected names, each F32, of the expected shape, and finite.
     *
     * @param file where the tensors come from, for the message
     * @param expectedShapes extents by parameter name, in the file's layout
     * @throws CheckpointException naming up to three examples of each difference
     */
    public static void requireSame(Path file, Map<String, long[]> expectedShapes, Map<String, HostTensor> found)
            throws CheckpointException {
        WeightCheck check = new WeightCheck();
        expectedShapes.forEach((name, shape) -> check.compare(name, shape, found.get(name)));
        for (String name : found.keySet()) if (!expectedShapes.containsKey(name)) check.surplus.add("'" + name + "'");
        String problems = check.problems();
        if (!problems.isEmpty()) {
            throw new CheckpointException(file + " does not fit the model: " + problems + "; " + check.remedy(), null);
        }
    }

    /** The names of tensors that hold a NaN or an infinite value. */
    static List<String> notFinite(Map<String, HostTensor> tensors) {
        return tensors.entrySet().stream()
                .filter(e -> countNotFinite(e.getValue()) > 0)
                .map(Map.Entry::getKey)
                .toList();
    }

    private void compare(String name, long[] shape, HostTensor tensor) {
        String quoted = "'" + name + "'";
        if (tensor == null) {
            missing.add(quoted);
            return;
        }
        if (!Arrays.equals(tensor.shape(), shape)) {
            shapes.add(quoted + " is " + Arrays.toString(tensor.shape()) + ", the model has " + Arrays.toString(shape));
        }
        if (tensor.dtype() != DType.F32) {
            dtypes.add(quoted + " is " + tensor.dtype());
            return;
        }
        long bad = countNotFinite(tensor);
        if (bad > 0) notFinite.add(quoted + " has " + bad + " of " + tensor.count());
    }

    private static long countNotFinite(HostTensor tensor) {
        IntBuffer bits = tensor.data().asIntBuffer();
        long bad = 0;
        while (bits.hasRemaining()) if ((bits.get() & F32_EXPONENT) == F32_EXPONENT) bad++;
        return bad;
    }

    private String problems() {
        List<String> problems = new ArrayList<>();
        add(problems, missing, "missing");
        add(problems, surplus, "surplus");
        add(problems, shapes, "of another shape");
        add(problems, dtypes, "not F32");
        add(problems, notFinite, "with NaN or infinite values");
        return String.join("; ", problems);
    }

    private static void add(List<String> problems, List<String> of, String kind) {
        if (of.isEmpty()) return;
        String examples = String.join(", ", of.subList(0, Math.min(EXAMPLES, of.size())));
        String more = of.size() > EXAMPLES ? " and " + (of.size() - EXAMPLES) + " more" : "";
        problems.add(of.size() + (of.size() == 1 ? " tensor " : " tensors ") + kind + " (" + examples + more + ")");
    }

    private String remedy() {
        if (!missing.isEmpty() || !surplus.isEmpty() || !shapes.isEmpty()) return "use the config it was trained with";
        return dtypes.isEmpty() ? "take an earlier checkpoint" : "convert the weights to F32";
    }
}
