package ddpm.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ddpm.train.Trainer;
import org.junit.jupiter.api.Test;

class WindowTest {
    private static Trainer.Result result(long step, int batch, double loss) {
        return new Trainer.Result(step, 0, step, batch, loss, 0.1, 1, Double.NaN);
    }

    @Test
    void aLineIsOfItsWindowTheScreenOfTheLastTwo() {
        Window window = new Window();
        window.start(100);
        window.add(result(1, 3, 1));
        window.add(result(2, 1, 5));
        assertEquals(2, window.meanLoss());
        Metrics first = window.close(result(2, 1, 5));
        assertEquals(2, first.loss());

        window.add(result(3, 4, 0));
        assertEquals(1, window.meanLoss());
        Metrics second = window.close(result(3, 4, 0));
        assertEquals(0, second.loss());
        assertEquals(true, second.seconds() >= first.seconds() && first.seconds() >= 100);

        window.add(result(4, 4, 8));
        assertEquals(4, window.meanLoss(), "the first window is forgotten");
    }
}
