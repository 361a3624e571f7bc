package ddpm.compare;

import ddpm.train.run.Metrics;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The losses of a run, step by step: one series also where a training went back to a checkpoint and wrote steps twice, of which the
 * later ones count.
 *
 * @param lines steps grow; none has a loss that is not a number
 */
record Curve(List<Metrics> lines) {
    static Curve of(List<Metrics> logged) {
        Deque<Metrics> series = new ArrayDeque<>();
        for (Metrics line : logged) {
            while (!series.isEmpty() && series.peekLast().step() >= line.step()) {
                series.removeLast();
            }
            series.addLast(line);
        }
        return new Curve(
                series.stream().filter(line -> Double.isFinite(line.loss())).toList());
    }

    boolean isEmpty() {
        return lines.isEmpty();
    }

    Metrics last() {
        return lines.get(lines.size() - 1);
    }

    double[] steps() {
        return lines.stream().mapToDouble(Metrics::step).toArray();
    }

    double[] losses() {
        return lines.stream().mapToDouble(Metrics::loss).toArray();
    }
}
