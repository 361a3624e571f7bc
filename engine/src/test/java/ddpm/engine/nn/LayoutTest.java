package ddpm.engine.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import ddpm.engine.tensor.Shape;
import org.junit.jupiter.api.Test;

class LayoutTest {
    /** file[a][b][h][w] is engine[a][h][w][b], all extents different. */
    @Test
    void kernelsArePermuted() {
        Shape file = Shape.of(2, 3, 4, 5);
        float[] values = new float[120];
        for (int i = 0; i < 120; i++) {
            values[i] = i;
        }
        Shape engine = Layout.KERNEL.engineShape(file);
        assertEquals(Shape.of(2, 4, 5, 3), engine);
        assertEquals(file, Layout.KERNEL.fileShape(engine));
        float[] got = Layout.KERNEL.toEngine(file, values);
        for (int a = 0; a < 2; a++) {
            for (int b = 0; b < 3; b++) {
                for (int h = 0; h < 4; h++) {
                    for (int w = 0; w < 5; w++) {
                        assertEquals(values[((a * 3 + b) * 4 + h) * 5 + w], got[((a * 4 + h) * 5 + w) * 3 + b]);
                    }
                }
            }
        }
        assertArrayEquals(values, Layout.KERNEL.toFile(engine, got));
    }

    @Test
    void othersStayAsTheyAre() {
        float[] values = {1, 2};
        assertSame(values, Layout.of(2).toEngine(Shape.of(2, 1), values));
        assertEquals(Shape.of(2, 1), Layout.of(2).fileShape(Shape.of(2, 1)));
    }
}
