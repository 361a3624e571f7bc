package ddpm.data.drawn;

import ddpm.data.drawn.GlyphStrokes.Point;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/** The line that a pen draws: short straight pieces between dots, each dot with the pen's radius there. */
final class PenPath {
    private static final int PIECES = 4; // per span between two control points; a digit has 8 to 14 spans

    private double[] dots = new double[3 * 128]; // x, y, radius
    private int size;
    private final BitSet starts = new BitSet(); // first dot of each stroke

    /**
     * Appends a stroke through {@code points}: a uniform Catmull-Rom curve, whose tangent at a point is half the way
     * from the point before to the point after, and which ends and starts anew at a corner.
     */
    void stroke(List<Point> points) {
        starts.set(size);
        dot(points.get(0).x(), points.get(0).y());
        for (int i = 0; i + 1 < points.size(); i++) {
            Point a = points.get(i);
            Point b = points.get(i + 1);
            Point before = i == 0 || a.corner() ? a : points.get(i - 1);
            Point after = i + 2 == points.size() || b.corner() ? b : points.get(i + 2);
            for (int k = 1; k <= PIECES; k++) {
                double t = (double) k / PIECES;
                dot(curve(before.x(), a.x(), b.x(), after.x(), t), curve(before.y(), a.y(), b.y(), after.y(), t));
            }
        }
    }

    private static double curve(double before, double a, double b, double after, double t) {
        double slopeA = (b - before) / 2;
        double slopeB = (after - a) / 2;
        double rise = b - a;
        return a + t * (slopeA + t * (3 * rise - 2 * slopeA - slopeB + t * (slopeA + slopeB - 2 * rise)));
    }

    private void dot(double x, double y) {
        if (3 * size == dots.length) {
            dots = Arrays.copyOf(dots, 2 * dots.length);
        }
        dots[3 * size] = x;
        dots[3 * size + 1] = y;
        size++;
    }

    int size() {
        return size;
    }

    double x(int i) {
        return dots[3 * i];
    }

    double y(int i) {
        return dots[3 * i + 1];
    }

    boolean startsStroke(int i) {
        return starts.get(i);
    }

    void radius(int i, double r) {
        dots[3 * i + 2] = r;
    }

    /** Moves every dot: x' = a x + b y + e, y' = c x + d y + f. Radii stay. */
    void transform(double a, double b, double c, double d, double e, double f) {
        for (int i = 0; i < size; i++) {
            double x = x(i);
            double y = y(i);
            dots[3 * i] = a * x + b * y + e;
            dots[3 * i + 1] = c * x + d * y + f;
        }
    }

    /** Smallest and largest x, smallest and largest y of the dots. */
    double[] bounds() {
        double[] box = {
            Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY
        };
        for (int i = 0; i < size; i++) {
            box[0] = Math.min(box[0], x(i));
            box[1] = Math.max(box[1], x(i));
            box[2] = Math.min(box[2], y(i));
            box[3] = Math.max(box[3], y(i));
        }
        return box;
    }

    /** x and y of the centre of mass of the ink: pieces weigh length times width. */
    double[] centreOfMass() {
        double sum = 0;
        double sumX = 0;
        double sumY = 0;
        for (int i = 1; i < size; i++) {
            if (!startsStroke(i)) {
                double dx = x(i) - x(i - 1);
                double dy = y(i) - y(i - 1);
                double weight = Math.sqrt(dx * dx + dy * dy) * (radius(i - 1) + radius(i));
                sum += weight;
                sumX += weight * (x(i - 1) + x(i)) / 2;
                sumY += weight * (y(i - 1) + y(i)) / 2;
            }
        }
        return new double[] {sumX / sum, sumY / sum};
    }

    /**
     * Ink in [0,1] of every pixel, [H,W]: full within the radius, falling to none over {@code soft} pixels around the
     * edge. Where pieces overlap the darker one counts.
     */
    float[] ink(int height, int width, double soft) {
        float[] ink = new float[height * width];
        for (int i = 0; i < size; i++) {
            int from = startsStroke(i) ? i : i - 1;
            piece(ink, height, width, soft, from, i);
        }
        return ink;
    }

    private void piece(float[] ink, int height, int width, double soft, int i, int j) {
        double reach = Math.max(radius(i), radius(j)) + soft / 2;
        int top = (int) Math.max(0, Math.min(y(i), y(j)) - reach - 0.5);
        int bottom = (int) Math.min(height - 1, Math.max(y(i), y(j)) + reach + 0.5);
        int left = (int) Math.max(0, Math.min(x(i), x(j)) - reach - 0.5);
        int right = (int) Math.min(width - 1, Math.max(x(i), x(j)) + reach + 0.5);
        double dx = x(j) - x(i);
        double dy = y(j) - y(i);
        double length2 = Math.max(1e-12, dx * dx + dy * dy);
        for (int y = top; y <= bottom; y++) {
            for (int x = left; x <= right; x++) {
                double px = x + 0.5 - x(i);
                double py = y + 0.5 - y(i);
                double t = Math.max(0, Math.min(1, (px * dx + py * dy) / length2));
                double ox = px - t * dx;
                double oy = py - t * dy;
                double edge = radius(i) + t * (radius(j) - radius(i)) - Math.sqrt(ox * ox + oy * oy);
                double v = Math.max(0, Math.min(1, edge / soft + 0.5));
                int at = y * width + x;
                ink[at] = Math.max(ink[at], (float) (v * v * (3 - 2 * v)));
            }
        }
    }

    private double radius(int i) {
        return dots[3 * i + 2];
    }
}
