package ddpm.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.train.settings.ConfigLoader;
import ddpm.train.settings.SampleConfig;
import ddpm.train.settings.TrainConfig;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForecastTest {
    @ParameterizedTest
    @CsvSource({
        "10, 0, 10, 1",
        "5, 0, 10, 2",
        "5, 0, 11, 3",
        "5, 5, 11, 2",
        "5, 4, 11, 3",
        "5, 10, 10, 0",
        "0, 0, 10, 0"
    })
    void aPreviewEverySoManyStepsAndOneAtTheEnd(long every, long done, long total, long previews) {
        TrainConfig config = new ConfigLoader("quick")
                .option("--sample-every", "train.sample_every", every)
                .load()
                .train();
        assertEquals(previews, Forecast.previews(config, done, total));
    }

    @Test
    void tellsMemoryAndTime() {
        Forecast forecast = new Forecast(1234, 2_000_000_000, 64, 0.18, 10, 1000, 2);
        assertEquals("model: 1,234 parameters; about 2.0 GB for batches of 64", forecast.describe());
        assertEquals("time: about 3 min 20 s for 1,000 steps and 2 previews", forecast.describeTime());
        assertTrue(forecast.timed());
        assertFalse(new Forecast(1234, 2_000_000_000, 64, 0.18, 10, 0, 0).timed());
    }

    /** 1000 * 0.18 s, and two previews of 50 * 8 images forward, a third of 0.18 / 64 s each. */
    @Test
    void takesItsTimeFromTheSteps() {
        Forecast untimed = new Forecast(1234, 2_000_000_000, 64, Double.NaN, Double.NaN, 1000, 2);
        assertFalse(untimed.timed());
        SampleConfig sample = new SampleConfig("ddim", 50, 1, 0, "trailing", true, 0, 8);
        Forecast timed = untimed.withSecondsPerStep(0.18, sample);
        assertTrue(timed.timed());
        assertEquals(1000 * 0.18 + 2 * 400 * 0.18 / 64 / 3, timed.seconds(), 1e-9);
    }

    @Test
    void saysWhereMemoryIsShort() {
        Forecast forecast = new Forecast(1234, 2_000_000_000, 64, 0.18, 10, 1000, 2);
        assertEquals(Optional.empty(), forecast.shortage(2_000_000_000));
        assertEquals(
                Optional.of("this machine has 1.5 GB of memory, less than the 2.0 GB that a step needs; lower --batch"),
                forecast.shortage(1_500_000_000));
    }
}
