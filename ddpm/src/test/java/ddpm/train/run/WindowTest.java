package ddpm.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ddpm.train.LossByTime;
import ddpm.train.Trainer;
import java.util.List;
import org.junit.jupiter.api.Test;

class WindowTest {
    private static Trainer.Result result(long step, int batch, double loss) {
        return result(step, batch, loss, LossByTime.NONE);
    }

    private static Trainer.Result result(long step, int batch, double loss, LossByTime byTime) {
        return new Trainer.Result(step, 0, step, batch, loss, 0.1, 1, Double.NaN, byTime);
    }

    private static Metrics line(double loss, double seconds) {
        return new Metrics(1, 0, 1, loss, loss, LossByTime.unknown(), 0.1, 1, 1, 0, seconds);
    }

    @Test
    void aLineIsOfItsWindowTheScreenOfTheLastTwo() {
        Window window = new Window();
        window.start(List.of(line(1, 100)));
        window.add(result(1, 3, 1));
        window.add(result(2, 1, 5));
        assertEquals(2, window.meanLoss());
        Metrics first = window.close(result(2, 1, 5), 0);
        assertEquals(2, first.loss());

        window.add(result(3, 4, 0));
        assertEquals(1, window.meanLoss());
        Metrics second = window.close(result(3, 4, 0), 0);
        assertEquals(0, second.loss());
        assertEquals(true, second.seconds() >= first.seconds() && first.seconds() >= 100);

        window.add(result(4, 4, 8));
        assertEquals(4, window.meanLoss(), "the first window is forgotten");
    }

    /** 1, 1, 4 with the weights 0.95^2, 0.95, 1: a run that goes on smooths over the lines of before. */
    @Test
    void theSmoothedLossGoesOnFromTheLinesBefore() {
        Window window = new Window();
        window.start(List.of(line(1, 1), line(1, 2)));
        window.add(result(3, 2, 4));
        double want = (0.95 * 0.95 + 0.95 + 4) / (0.95 * 0.95 + 0.95 + 1);
        assertEquals(want, window.close(result(3, 2, 4), 0).smoothedLoss(), 1e-12);
    }

    /** Images count, not steps; what no image tells of is unknown, and the next line begins anew. */
    @Test
    void theLossByTimeIsOfAllImagesSinceTheLineBefore() {
        Window window = new Window();
        window.start(List.of());
        window.add(result(1, 3, 1, new LossByTime(List.of(6.0, 0.0, 0.0, 1.0), List.of(2.0, 0.0, 0.0, 1.0))));
        window.add(result(2, 1, 1, new LossByTime(List.of(9.0, 0.0, 2.0, 0.0), List.of(1.0, 0.0, 1.0, 0.0))));
        Metrics first = window.close(result(2, 1, 1), 77);
        assertEquals(List.of(5.0, Double.NaN, 2.0, 1.0), first.lossByT());
        assertEquals(77, first.memoryBytes());
        window.add(result(3, 1, 1, new LossByTime(List.of(0.0, 3.0, 0.0, 0.0), List.of(0.0, 1.0, 0.0, 0.0))));
        assertEquals(
                List.of(Double.NaN, 3.0, Double.NaN, Double.NaN),
                window.close(result(3, 1, 1), 0).lossByT());
    }
}
