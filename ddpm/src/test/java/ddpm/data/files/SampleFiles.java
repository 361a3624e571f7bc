package ddpm.data.files;

import ddpm.data.Pixels;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/** Small images of many kinds, made with Pillow, and what tests change in them. The larger ones are 24 rows of 40. */
public final class SampleFiles {
    private SampleFiles() {}

    public static byte[] file(String name) {
        try (InputStream in = SampleFiles.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    static byte[] slice(byte[] file, int from, int to) {
        return java.util.Arrays.copyOfRange(file, from, to);
    }

    /** A JPEG segment. */
    static byte[] segment(int marker, byte[]... content) {
        byte[] all = join(content);
        byte[] head = {-1, (byte) marker, (byte) (all.length + 2 >> 8), (byte) (all.length + 2)};
        return join(head, all);
    }

    /** {@code jpeg} with {@code segments} right after its SOI. */
    static byte[] insert(byte[] jpeg, byte[]... segments) {
        return join(slice(jpeg, 0, 2), join(segments), slice(jpeg, 2, jpeg.length));
    }

    /** {@code jpeg} without its segments of this marker. */
    static byte[] without(byte[] jpeg, int marker) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(jpeg, 0, 2);
        int at = 2;
        while ((jpeg[at + 1] & 255) != 0xDA) {
            int end = at + 2 + ((jpeg[at + 2] & 255) << 8 | jpeg[at + 3] & 255);
            if ((jpeg[at + 1] & 255) != marker) {
                out.write(jpeg, at, end - at);
            }
            at = end;
        }
        out.write(jpeg, at, jpeg.length - at);
        return out.toByteArray();
    }

    static byte[] adobe(int transform) {
        return segment(0xEE, ascii("Adobe"), new byte[] {0, 100, 0, 0, 0, 0, (byte) transform});
    }

    /** A baseline {@code jpeg} whose components have other ids, in its frame and its scan header. */
    static byte[] ids(byte[] jpeg, int... ids) {
        byte[] changed = jpeg.clone();
        for (int at = 2; at < jpeg.length; ) {
            int marker = jpeg[at + 1] & 255;
            for (int i = 0; i < ids.length && (marker == 0xC0 || marker == 0xDA); i++) {
                changed[marker == 0xC0 ? at + 10 + 3 * i : at + 5 + 2 * i] = (byte) ids[i];
            }
            if (marker == 0xDA) {
                break;
            }
            at += 2 + ((jpeg[at + 2] & 255) << 8 | jpeg[at + 3] & 255);
        }
        return changed;
    }

    /** {@code png} with a chunk before its last one, IEND. */
    static byte[] chunk(byte[] png, String type, byte[] content) {
        byte[] body = join(ascii(type), content);
        CRC32 crc = new CRC32();
        crc.update(body);
        byte[] length = ByteBuffer.allocate(4).putInt(content.length).array();
        byte[] check = ByteBuffer.allocate(4).putInt((int) crc.getValue()).array();
        int end = png.length - 12;
        return join(slice(png, 0, end), length, body, check, slice(png, end, png.length));
    }

    /** EXIF data, a TIFF structure of one entry: the tag Orientation. */
    static byte[] orientation(int code) {
        return ByteBuffer.allocate(26)
                .put(ascii("MM\0*"))
                .putInt(8)
                .putShort((short) 1)
                .putShort((short) 0x112)
                .putShort((short) 3)
                .putInt(1)
                .putShort((short) code)
                .array();
    }

    public static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static Pixels decode(byte[] file) {
        try {
            return ImageDecoder.decode(file).pixels();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static double mean(Pixels image) {
        long sum = 0;
        for (byte b : image.data()) {
            sum += b & 255;
        }
        return (double) sum / image.data().length;
    }
}
