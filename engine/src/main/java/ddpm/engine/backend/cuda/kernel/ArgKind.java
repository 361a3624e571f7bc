package ddpm.engine.backend.cuda.kernel;

import java.util.ArrayList;
import java.util.List;

/** What one parameter of a kernel takes. */
enum ArgKind {
    POINTER(8),
    INT(4),
    LONG(8),
    FLOAT(4),
    DOUBLE(8),
    /** Passed by value; each has a size of its own. */
    STRUCT(0),
    /** One or two bytes: no kernel of ours takes them. */
    SMALL(0);

    private final int bytes;

    ArgKind(int bytes) {
        this.bytes = bytes;
    }

    int bytes() {
        return bytes;
    }

    /**
     * Whether an argument of the other kind may be passed here. PTX does not tell a pointer from a 64-bit number; one that
     * the kernel never reads through looks like a number.
     */
    boolean takes(ArgKind argument) {
        return this == argument || this == LONG && argument == POINTER;
    }

    /** {@code [POINTER×6, INT×3, FLOAT]}. */
    static String describe(List<ArgKind> kinds) {
        List<String> runs = new ArrayList<>();
        for (int i = 0, next; i < kinds.size(); i = next) {
            next = i + 1;
            while (next < kinds.size() && kinds.get(next) == kinds.get(i)) {
                next++;
            }
            runs.add(next - i == 1 ? kinds.get(i).name() : kinds.get(i) + "×" + (next - i));
        }
        return runs.toString();
    }
}
