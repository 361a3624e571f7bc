package ddpm.picture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.picture.LineChart.Line;
import java.util.List;
import org.junit.jupiter.api.Test;

class LineChartTest {
    private static final double NAN = Double.NaN;

    private static LineChart chart(boolean logAcross, Line... lines) {
        return new LineChart("across", "up", logAcross, List.of(lines));
    }

    @Test
    void whatALogarithmDoesNotHaveIsLeftOut() {
        Line line = new Line("a", new double[] {0, 1, 2, 3, 4}, new double[] {5, NAN, 0, -1, 6});
        Line empty = new Line("b", new double[] {1}, new double[] {NAN});
        LineChart linear = chart(false, line, empty);
        assertEquals(1, linear.lines().size());
        assertArrayEquals(new double[] {0, 4}, linear.lines().get(0).x());
        assertArrayEquals(new double[] {4}, chart(true, line).lines().get(0).x());
        assertThrows(IllegalArgumentException.class, () -> chart(false, empty));
        assertThrows(IllegalArgumentException.class, () -> new Line("c", new double[1], new double[2]));
    }

    /** Lines of other lengths and of a single point, with text and without. */
    @Test
    void drawsEveryLine() {
        Line falling = new Line("falling", new double[] {1, 10, 100}, new double[] {1, 0.1, 0.01});
        Line point = new Line("point", new double[] {100}, new double[] {1});
        LineChart chart = chart(true, falling, point);
        assertEquals(800, chart.draw().picture().getWidth());
        byte[] plain = new PlainChart(800, 360, true, chart.lines()).pixels();
        // logarithmic both ways the falling line is the diagonal: its middle is the picture's
        assertTrue(coloured(plain, 400, 180), "the middle");
        assertTrue(coloured(plain, 776, 24), "the point above on the right");
        assertEquals(800, chart(false, point).draw().picture().getWidth(), "a chart of one point");
    }

    /** Neither white nor the frame's grey, there or beside it. */
    private static boolean coloured(byte[] pixels, int x, int y) {
        for (int k = x - 1; k <= x + 1; k++) {
            int at = (y * 800 + k) * 3;
            if (pixels[at] != pixels[at + 1] || pixels[at + 1] != pixels[at + 2]) {
                return true;
            }
        }
        return false;
    }
}
