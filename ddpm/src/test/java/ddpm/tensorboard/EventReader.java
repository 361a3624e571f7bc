package ddpm.tensorboard;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Event files read by the rules of tensorflow's {@code record_writer.h} and protobuf.dev's page on the encoding, byte by byte:
 * shares nothing with what writes them.
 */
public final class EventReader {
    private static final int POLYNOMIAL = 0x82f63b78; // of CRC-32C, bits reversed: Castagnoli 1993

    private EventReader() {}

    /** A picture: height, width, channels, file. */
    public record Image(long height, long width, long colourspace, byte[] file) {}

    /**
     * An event.
     *
     * @param version null for none
     * @param session 0 for none
     */
    public record Read(
            double seconds,
            long step,
            String version,
            long session,
            Map<String, Float> scalars,
            Map<String, Image> images) {}

    /** All events of a file, whose checksums are right and after which nothing follows. */
    public static List<Read> all(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        List<Read> events = new ArrayList<>();
        int at = 0;
        while (at < bytes.length) {
            int length = (int) little(bytes, at, 8);
            require(little(bytes, at + 8, 4) == masked(bytes, at, 8), "checksum of the length at " + at);
            require(
                    little(bytes, at + 12 + length, 4) == masked(bytes, at + 12, length),
                    "checksum of the data at " + at);
            events.add(event(fields(part(bytes, at + 12, length))));
            at += 12 + length + 4;
        }
        return events;
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    private static long little(byte[] bytes, int at, int count) {
        long value = 0;
        for (int i = count - 1; i >= 0; i--) {
            value = value << 8 | bytes[at + i] & 255;
        }
        return value;
    }

    static int crc(byte[] bytes, int from, int length) {
        int crc = ~0;
        for (int i = from; i < from + length; i++) {
            crc ^= bytes[i] & 255;
            for (int bit = 0; bit < 8; bit++) {
                crc = crc >>> 1 ^ ((crc & 1) == 1 ? POLYNOMIAL : 0);
            }
        }
        return ~crc;
    }

    private static long masked(byte[] bytes, int from, int length) {
        long crc = crc(bytes, from, length) & 0xffffffffL;
        return (crc >> 15 | crc << 17 & 0xffffffffL) + 0xa282ead8L & 0xffffffffL;
    }

    private static byte[] part(byte[] bytes, int from, int length) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(bytes, from, length);
        return out.toByteArray();
    }

    /** A field: its number, and a Long (varint, fixed) or bytes. */
    private record Field(int number, Object value) {
        long number64() {
            return (Long) value;
        }

        byte[] bytes() {
            return (byte[]) value;
        }

        String text() {
            return new String(bytes(), StandardCharsets.UTF_8);
        }
    }

    private static List<Field> fields(byte[] message) {
        List<Field> fields = new ArrayList<>();
        int[] at = {0};
        while (at[0] < message.length) {
            long tag = varint(message, at);
            int kind = (int) (tag & 7);
            Object value;
            if (kind == 0) {
                value = varint(message, at);
            } else {
                int length = kind == 1 ? 8 : kind == 5 ? 4 : (int) varint(message, at);
                require(kind == 1 || kind == 2 || kind == 5, "wire type " + kind);
                value = kind == 2 ? part(message, at[0], length) : (Object) little(message, at[0], length);
                at[0] += length;
            }
            fields.add(new Field((int) (tag >> 3), value));
        }
        return fields;
    }

    private static long varint(byte[] message, int[] at) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = message[at[0]++];
            value |= (next & 127L) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }

    private static Read event(List<Field> fields) {
        double seconds = 0;
        long step = 0;
        String version = null;
        long session = 0;
        Map<String, Float> scalars = new LinkedHashMap<>();
        Map<String, Image> images = new LinkedHashMap<>();
        for (Field f : fields) {
            switch (f.number()) {
                case 1 -> seconds = Double.longBitsToDouble(f.number64());
                case 2 -> step = f.number64();
                case 3 -> version = f.text();
                case 5 -> summary(f, scalars, images);
                case 7 -> session = fields(f.bytes()).get(0).number64();
                default -> throw new AssertionError("Event has field " + f.number());
            }
        }
        return new Read(seconds, step, version, session, scalars, images);
    }

    private static void summary(Field summary, Map<String, Float> scalars, Map<String, Image> images) {
        for (Field value : fields(summary.bytes())) {
            require(value.number() == 1, "Summary has field " + value.number());
            String tag = "";
            for (Field f : fields(value.bytes())) {
                switch (f.number()) {
                    case 1 -> tag = f.text();
                    case 2 -> scalars.put(tag, Float.intBitsToFloat((int) f.number64()));
                    case 4 -> {
                        List<Field> i = fields(f.bytes());
                        images.put(
                                tag,
                                new Image(
                                        i.get(0).number64(),
                                        i.get(1).number64(),
                                        i.get(2).number64(),
                                        i.get(3).bytes()));
                    }
                    default -> throw new AssertionError("Value has field " + f.number());
                }
            }
        }
    }
}
