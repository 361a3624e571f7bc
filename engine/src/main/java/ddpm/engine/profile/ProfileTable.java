package ddpm.engine.profile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A profile as text: equal work in one row, the longest first. */
public final class ProfileTable {
    private static final String FORMAT = "%6.1f%% %10.3f %6d  %-8s  %9s %8s  %s%n";

    private ProfileTable() {}

    /** Equal work: the sums over its calls. */
    private record Row(String phase, String what, int calls, double micros, long bytes, double flops) {
        static Row of(Span s) {
            return new Row(s.phase(), (s.name() + "  " + s.detail()).strip(), 1, s.micros(), s.bytes(), s.flops());
        }

        Row plus(Row o) {
            return new Row(phase, what, calls + o.calls, micros + o.micros, bytes + o.bytes, flops + o.flops);
        }
    }

    /** The table with a line for the whole step above it. */
    public static String of(Profile profile) {
        List<Span> pieces = profile.pieces();
        double inside = pieces.stream().mapToDouble(Span::micros).sum();
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%s: %.3f ms, of them %.3f ms in %,d %s; %,d allocations of %,d bytes%n",
                profile.device(),
                profile.micros() / 1e3,
                inside / 1e3,
                pieces.size(),
                profile.kernels().isEmpty() ? "operations" : "kernels and library calls",
                profile.allocations(),
                profile.allocatedBytes()));
        text.append(String.format(
                Locale.ROOT,
                "%7s %10s %6s  %-8s  %9s %8s  %s%n",
                "share",
                "ms",
                "calls",
                "phase",
                "GFLOP/s",
                "GB/s",
                "what"));
        for (Row r : rows(pieces)) {
            text.append(String.format(
                    Locale.ROOT,
                    FORMAT,
                    100 * r.micros() / profile.micros(),
                    r.micros() / 1e3,
                    r.calls(),
                    r.phase(),
                    rate(r.flops(), r.micros()),
                    rate(r.bytes(), r.micros()),
                    r.what()));
        }
        text.append(String.format(
                Locale.ROOT, "bytes: the buffers that each call is given, as large as the memory pool made them%n"));
        return text.toString();
    }

    private static List<Row> rows(List<Span> pieces) {
        Map<String, Row> rows = new LinkedHashMap<>();
        for (Span s : pieces) {
            Row r = Row.of(s);
            rows.merge(r.phase() + " " + r.what(), r, Row::plus);
        }
        List<Row> sorted = new ArrayList<>(rows.values());
        sorted.sort(Comparator.comparingDouble(Row::micros).reversed());
        return sorted;
    }

    /** 10^9 a second; nothing where there is none or the clock did not move. */
    private static String rate(double amount, double micros) {
        return amount == 0 || micros <= 0 ? "" : String.format(Locale.ROOT, "%.1f", amount / micros / 1e3);
    }
}
