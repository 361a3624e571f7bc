package ddpm.verify.vectors;

import ddpm.engine.tensor.HostTensor;
import ddpm.verify.report.VectorException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The tensors of one file, and which of them a check has used: what is left over at the end was not verified. */
public final class VectorFile {
    private final String name;
    private final Map<String, HostTensor> tensors;
    private final Set<String> covered = new TreeSet<>();
    private final Set<String> missed = new TreeSet<>();

    /** @param name of the file, for messages */
    VectorFile(String name, Map<String, HostTensor> tensors) {
        this.name = name;
        this.tensors = tensors;
    }

    public String name() {
        return name;
    }

    /** All names, in the order of the file. */
    public Set<String> names() {
        return tensors.keySet();
    }

    public Map<String, HostTensor> all() {
        covered.addAll(tensors.keySet());
        return tensors;
    }

    public boolean has(String tensor) {
        return tensors.containsKey(tensor);
    }

    /** A tensor that a check uses. @throws VectorException where there is none */
    public HostTensor get(String tensor) {
        HostTensor t = tensors.get(tensor);
        if (t == null) {
            missed.add(tensor);
            throw new VectorException("'" + tensor + "' is missing in " + name);
        }
        covered.add(tensor);
        return t;
    }

    /** As {@link #get} with that many extents. */
    public HostTensor get(String tensor, int rank) {
        HostTensor t = get(tensor);
        if (t.shape().length != rank) {
            throw new VectorException("'" + tensor + "' of " + name + " has shape " + shape(t.shape()) + ", needed are "
                    + rank + " extents");
        }
        return t;
    }

    /** Integers below {@code end}, one extent: timesteps. */
    public int[] timesteps(String tensor, long end) {
        long[] t = get(tensor, 1).toLongs();
        int[] narrow = new int[t.length];
        for (int i = 0; i < t.length; i++) {
            if (t[i] < 0 || t[i] >= end) {
                throw new VectorException("'" + tensor + "' of " + name + " holds timestep " + t[i] + " at element " + i
                        + "; needed is 0 to " + (end - 1));
            }
            narrow[i] = (int) t[i];
        }
        return narrow;
    }

    /** Counts all tensors of that prefix as dealt with: a failed check speaks for them. */
    public void coverAll(String prefix) {
        tensors.keySet().stream().filter(n -> n.startsWith(prefix)).forEach(covered::add);
    }

    List<String> uncovered() {
        return tensors.keySet().stream().filter(n -> !covered.contains(n)).toList();
    }

    /** Whether a check has already complained that there is no such tensor. */
    boolean complainedOf(String tensor) {
        return missed.contains(tensor);
    }

    /** Where a value is not finite: {@code 'x' holds NaN at element 3}, one entry per tensor. */
    List<String> notFinite() {
        List<String> found = new ArrayList<>();
        tensors.forEach((tensor, t) -> {
            if (t.dtype().isFloat()) {
                double[] values = t.toDoubles();
                for (int i = 0; i < values.length; i++) {
                    if (!Double.isFinite(values[i])) {
                        found.add("'" + tensor + "' holds " + values[i] + " at element " + i);
                        return;
                    }
                }
            }
        });
        return found;
    }

    public static String shape(long[] shape) {
        return Arrays.toString(shape).replace(" ", "");
    }
}
