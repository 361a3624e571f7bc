package ddpm.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
        assertEquals(
                "model: 1,234 parameters; about 2.0 GB for batches of 64\n"
                        + "time: about 3 min 20 s for 1,000 steps and 2 previews",
                new Forecast(1234, 2_000_000_000, 64, 0.18, 10, 1000, 2).describe());
        assertEquals(
                "model: 1,234 parameters; about 2.0 GB for batches of 64",
                new Forecast(1234, 2_000_000_000, 64, 0.18, 10, 0, 0).describe());
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
