package ddpm.tensorboard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.picture.ImageGrid;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventFileTest {
    private static final double NOW = 1_800_000_000.25;

    @TempDir
    Path folder;

    private List<EventReader.Read> written(Event... events) throws IOException {
        Path path;
        try (EventFile file = EventFile.create(folder, NOW)) {
            path = file.path();
            for (Event event : events) {
                file.append(event);
            }
        }
        return EventReader.all(path);
    }

    /** The check value of CRC-32C in the catalogue of CRCs, and of 32 zeros in RFC 3720, B.4: the reader can be believed. */
    @Test
    void theReadersChecksumIsCrc32c() {
        byte[] digits = "123456789".getBytes(StandardCharsets.US_ASCII);
        assertEquals(0xe3069283, EventReader.crc(digits, 0, digits.length));
        assertEquals(0x8a9136aa, EventReader.crc(new byte[32], 0, 32));
    }

    /** As tensorflow 2 and TensorBoard's own writer begin a file. */
    @Test
    void beginsWithTheVersion() throws IOException {
        List<EventReader.Read> events = written();
        assertEquals(1, events.size());
        assertEquals(new EventReader.Read(NOW, 0, "brain.Event:2", 0, Map.of(), Map.of()), events.get(0));
    }

    @Test
    void numbersComeBackInSinglePrecision() throws IOException {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("loss/logged", 0.1);
        values.put("größe", -3e-20);
        values.put("x".repeat(300), 1e30); // a length of two bytes
        for (long step : new long[] {1, 127, 128, 16_384, 1L << 40}) {
            EventReader.Read read =
                    written(Event.scalars(NOW + 1, step, values)).get(1);
            assertEquals(step, read.step());
            assertEquals(NOW + 1, read.seconds());
            assertEquals(
                    List.copyOf(values.keySet()), List.copyOf(read.scalars().keySet()));
            values.forEach((name, value) ->
                    assertEquals(value.floatValue(), read.scalars().get(name)));
        }
    }

    @Test
    void picturesComeBackWithTheirSize() throws IOException {
        for (int channels : new int[] {1, 3}) {
            byte[] pixels = new byte[3 * 5 * channels];
            Arrays.fill(pixels, (byte) 77);
            byte[] png = ImageGrid.png(ImageGrid.grid(new byte[][] {pixels}, 3, 5, channels, 1, 0, 1));
            EventReader.Image image =
                    written(Event.image(NOW, 7, "samples", png)).get(1).images().get("samples");
            assertEquals(3, image.height());
            assertEquals(5, image.width());
            assertEquals(channels, image.colourspace());
            assertArrayEquals(png, image.file());
        }
        assertThrows(IllegalArgumentException.class, () -> Event.image(NOW, 7, "samples", new byte[100]));
        assertThrows(IllegalArgumentException.class, () -> Event.image(NOW, 7, "samples", new byte[3]));
    }

    @Test
    void aRestartIsASessionThatStarts() throws IOException {
        EventReader.Read read = written(Event.restart(NOW, 21)).get(1);
        assertEquals(1, read.session());
        assertEquals(21, read.step());
    }

    /** In the same second, and after the clock went back. */
    @Test
    void aLaterFileIsReadLater() throws IOException {
        Files.createFile(folder.resolve("metrics.jsonl"));
        Files.createFile(folder.resolve("events.out.tfevents.1700000000.host.1.v2")); // of another program
        for (double at : new double[] {NOW, NOW, NOW - 1000, NOW + 1000}) {
            EventFile.create(folder, at).close();
        }
        List<String> names = EventFile.in(folder).stream()
                .map(f -> f.getFileName().toString())
                .toList();
        assertEquals(
                List.of(
                        "events.out.tfevents.1700000000.host.1.v2",
                        "events.out.tfevents.1800000000.ddpm",
                        "events.out.tfevents.1800000001.ddpm",
                        "events.out.tfevents.1800000002.ddpm",
                        "events.out.tfevents.1800001000.ddpm"),
                names);
    }

    /** What was appended can be read while the file is open. */
    @Test
    void anEventIsInTheFileWhenAppendReturns() throws IOException {
        try (EventFile file = EventFile.create(folder, NOW)) {
            for (int n = 1; n <= 3; n++) {
                file.append(Event.scalars(NOW, n, Map.of("loss", 1.0 / n)));
                assertEquals(n + 1, EventReader.all(file.path()).size());
            }
        }
    }

    /** The reader notices every byte: the other tests rely on it. */
    @Test
    void everyChangedByteIsNoticed() throws IOException {
        Path path;
        try (EventFile file = EventFile.create(folder, NOW)) {
            path = file.path();
        }
        byte[] good = Files.readAllBytes(path);
        assertTrue(good.length > 16, "a record");
        for (int i = 0; i < good.length; i++) {
            byte[] bad = good.clone();
            bad[i] ^= 0x10;
            Path damaged = Files.write(folder.resolve("damaged"), bad);
            assertThrows(Throwable.class, () -> EventReader.all(damaged), "byte " + i);
        }
    }
}
