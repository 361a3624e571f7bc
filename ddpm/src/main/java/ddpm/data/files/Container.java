package ddpm.data.files;

import ddpm.data.Pixels;
import java.io.EOFException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What lies around the first image of a PNG, GIF or WebP file, and whether the file is whole.
 *
 * <p>Whole is a PNG with its chunk IEND, a GIF whose blocks end where they say (the trailer byte may be missing, as some
 * encoders forget it), a WebP as long as its RIFF header says (but for the last byte of padding). What follows is not
 * looked at.
 *
 * @param canvas   on which the first image lies; null where it fills the image's size
 * @param animated whether more images follow
 * @param exif     a TIFF structure; empty where there is none
 */
record Container(Canvas canvas, boolean animated, byte[] exif) {
    private static final byte[] NONE = {};

    /** The file as the reader's image alone describes it. */
    static final Container PLAIN = new Container(null, false, NONE);

    /** The size of the whole picture, and where in it the first image lies; all in pixels. */
    record Canvas(int height, int width, int top, int left) {
        /** The picture: {@code frame} on white, which is what is seen behind transparent parts. */
        Pixels place(Pixels frame) {
            if (frame.height() == height && frame.width() == width) {
                return frame;
            }
            int c = frame.channels();
            byte[] data = new byte[height * width * c];
            Arrays.fill(data, (byte) 255);
            int columns = Math.min(frame.width(), width - left);
            for (int y = 0; y < Math.min(frame.height(), height - top); y++) {
                int to = ((top + y) * width + left) * c;
                System.arraycopy(frame.data(), y * frame.width() * c, data, to, columns * c);
            }
            return new Pixels(height, width, c, data);
        }
    }

    /** Of a PNG (W3C PNG, third edition: chunks eXIf and acTL). */
    static Container ofPng(byte[] file) throws EOFException {
        ByteBuffer in = ByteBuffer.wrap(file);
        boolean animated = false;
        byte[] exif = NONE;
        int at = 8;
        while (true) {
            if (at + 12L > file.length) {
                throw new EOFException();
            }
            long length = in.getInt(at) & 0xFFFFFFFFL;
            if (at + 12L + length > file.length) {
                throw new EOFException();
            }
            String type = new String(file, at + 4, 4, StandardCharsets.ISO_8859_1);
            switch (type) {
                case "acTL" -> animated = true;
                case "eXIf" -> exif = Arrays.copyOfRange(file, at + 8, at + 8 + (int) length);
                default -> {
                    // what the reader decodes, or passes over
                }
            }
            at += 12 + (int) length;
            if (type.equals("IEND")) {
                return new Container(null, animated, exif);
            }
        }
    }

    /** Of a WebP (RFC 9649, section 2). */
    static Container ofWebp(byte[] file) throws EOFException {
        ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        if (file.length < 20 || (in.getInt(4) & 0xFFFFFFFFL) + 7 > file.length) {
            throw new EOFException();
        }
        long end = Math.min(file.length, (in.getInt(4) & 0xFFFFFFFFL) + 8);
        Canvas canvas = null;
        int frames = 0;
        byte[] exif = NONE;
        int width = 0;
        int height = 0;
        for (long at = 12; at + 8 <= end; ) {
            int i = (int) at;
            long length = in.getInt(i + 4) & 0xFFFFFFFFL;
            if (at + 8 + length > end) {
                throw new EOFException();
            }
            String type = new String(file, i, 4, StandardCharsets.ISO_8859_1);
            if (type.equals("VP8X") && length >= 10) {
                width = 1 + u24(file, i + 12);
                height = 1 + u24(file, i + 15);
            } else if (type.equals("EXIF")) {
                exif = Arrays.copyOfRange(file, i + 8 + exifPrefix(file, i + 8), i + 8 + (int) length);
            } else if (type.equals("ANMF") && length >= 12 && frames++ == 0) {
                canvas = new Canvas(height, width, 2 * u24(file, i + 11), 2 * u24(file, i + 8));
            }
            at += 8 + length + (length & 1);
        }
        return new Container(canvas, frames > 1, exif);
    }

    /** Some writers put JPEG's "Exif\0\0" before the TIFF structure. */
    private static int exifPrefix(byte[] file, int at) {
        return at + 6 <= file.length && new String(file, at, 4, StandardCharsets.ISO_8859_1).equals("Exif") ? 6 : 0;
    }

    private static int u24(byte[] file, int at) {
        return file[at] & 255 | (file[at + 1] & 255) << 8 | (file[at + 2] & 255) << 16;
    }

    /** Of a GIF (GIF89a, sections 18 to 27). As in browsers, the canvas grows to hold its first image. */
    static Container ofGif(byte[] file) throws EOFException {
        if (file.length < 13) {
            throw new EOFException();
        }
        Canvas canvas = null;
        int frames = 0;
        int at = 13 + tableBytes(file[10]);
        while (at < file.length && file[at] != 0x3B) {
            if (file[at] == 0x21) {
                at = afterBlocks(file, at + 2);
            } else if (file[at] == 0x2C) {
                if (at + 11 > file.length) {
                    throw new EOFException();
                }
                if (frames++ == 0) {
                    int left = u16(file, at + 1);
                    int top = u16(file, at + 3);
                    canvas = new Canvas(
                            Math.max(u16(file, 8), top + u16(file, at + 7)),
                            Math.max(u16(file, 6), left + u16(file, at + 5)),
                            top,
                            left);
                }
                at = afterBlocks(file, at + 11 + tableBytes(file[at + 9]));
            } else {
                break; // something else behind the last block
            }
        }
        if (frames == 0) {
            throw new EOFException();
        }
        return new Container(canvas, frames > 1, NONE);
    }

    private static int tableBytes(byte flags) {
        return (flags & 0x80) == 0 ? 0 : 3 << (flags & 7) + 1;
    }

    private static int afterBlocks(byte[] file, int from) throws EOFException {
        int at = from;
        while (true) {
            if (at >= file.length) {
                throw new EOFException();
            }
            int bytes = file[at] & 255;
            at += 1 + bytes;
            if (bytes == 0) {
                return at;
            }
        }
    }

    private static int u16(byte[] file, int at) {
        return file[at] & 255 | (file[at + 1] & 255) << 8;
    }
}
