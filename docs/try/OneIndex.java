import java.util.Locale;

/** The same sums with two indices and with one, in ns per element: java docs/try/OneIndex.java */
class OneIndex {
    private static final int PERIOD = 1024;
    private static final int LENGTH = 28 * 28 * 16;
    private static final int CALLS = 2000;

    /** s[i] += x[at + i]. */
    static void twoIndices(float[] x, float[] s) {
        for (int at = 0; at + PERIOD <= LENGTH; at += PERIOD) {
            for (int i = 0; i < PERIOD; i++) {
                s[i] += x[at + i];
            }
        }
    }

    /** The same after a copy: s[i] += part[i]. */
    static void oneIndex(float[] x, float[] part, float[] s) {
        for (int at = 0; at + PERIOD <= LENGTH; at += PERIOD) {
            System.arraycopy(x, at, part, 0, PERIOD);
            for (int i = 0; i < PERIOD; i++) {
                s[i] += part[i];
            }
        }
    }

    public static void main(String[] args) {
        float[] x = new float[LENGTH];
        float[] s = new float[PERIOD];
        float[] part = new float[PERIOD];
        double two = Double.MAX_VALUE;
        double one = Double.MAX_VALUE;
        for (int round = 0; round < 30; round++) { // the best of many: others use this machine too
            two = Math.min(two, time(() -> twoIndices(x, s)));
            one = Math.min(one, time(() -> oneIndex(x, part, s)));
        }
        System.out.printf(Locale.ROOT, "s[i] += x[at + i]        %.2f ns%n", two);
        System.out.printf(Locale.ROOT, "copy, then s[i] += x[i]  %.2f ns%n", one);
    }

    private static double time(Runnable body) {
        long began = System.nanoTime();
        for (int i = 0; i < CALLS; i++) {
            body.run();
        }
        return (double) (System.nanoTime() - began) / CALLS / LENGTH;
    }
}
