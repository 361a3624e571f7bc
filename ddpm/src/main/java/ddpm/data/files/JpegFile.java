package ddpm.data.files;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import javax.imageio.IIOException;

/**
 * The segments of a JPEG file (ITU-T T.81, annex B), read for what ImageIO's reader leaves out or guesses otherwise than
 * every viewer: the colours of a file without JFIF marker, four components, profiles in parts, and files cut short.
 *
 * <p>A file is whole where its end marker EOI is there; what follows EOI is not looked at, since cameras append previews
 * and maps. Some cameras and tools forget EOI: such a file is whole, too, where its scans bring every coefficient of
 * every component in full and the decoder neither misses bits nor has any left over. Everything else is cut short.
 */
final class JpegFile {
    private static final int EOI = 0xD9;
    private static final int SOS = 0xDA;
    private static final int APP0 = 0xE0;
    private static final int APP1 = 0xE1;
    private static final int APP2 = 0xE2;
    private static final int APP14 = 0xEE;
    private static final byte[] EXIF = "Exif\0\0".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] ICC = "ICC_PROFILE\0".getBytes(StandardCharsets.US_ASCII);

    /** A marker segment: the bytes from its 0xFF to the end of its parameters. */
    private record Segment(int marker, int from, int to) {}

    private final byte[] file;
    private final List<Segment> segments = new ArrayList<>();
    private int end; // of the last scan's data
    private boolean ended; // by EOI
    private int height;
    private int width;
    private int[] ids; // of the components
    private JpegScans scans;
    private boolean jfif;
    private int adobe = -1; // the transform of the Adobe marker

    private JpegFile(byte[] file) {
        this.file = file;
    }

    /** Reads the segments. @throws EOFException the file is cut short @throws IIOException it cannot be decoded */
    static JpegFile of(byte[] file) throws IIOException, EOFException {
        JpegFile jpeg = new JpegFile(file);
        jpeg.parse();
        return jpeg;
    }

    int height() {
        return height;
    }

    int width() {
        return width;
    }

    /** Whether it has four components: CMYK or YCCK, to be read as they are. */
    boolean isCmyk() {
        return ids.length == 4;
    }

    /** Whether the four components are Y, Cb, Cr and K. */
    boolean isYcck() {
        return isCmyk() && adobe == 2;
    }

    /** Whether 255 stands for no ink: so by the Adobe marker; without one, 0 stands for no ink (ITU-T T.872, 6.5.3). */
    boolean isInverted() {
        return adobe >= 0;
    }

    /** Whether EOI is missing, so that bits left over are a sign of damage. */
    boolean lacksEnd() {
        return !ended;
    }

    /** The EXIF data, a TIFF structure; empty where there are none. */
    byte[] exif() {
        for (Segment s : segments) {
            if (s.marker == APP1 && holds(s, EXIF)) {
                return Arrays.copyOfRange(file, s.from + 4 + EXIF.length, s.to);
            }
        }
        return new byte[0];
    }

    /**
     * The file as ImageIO's reader takes it without a guess: an Adobe marker says what the colours are where no JFIF
     * marker does, four components come without one and so stay as they are, an ICC profile of which parts are missing
     * is left out, as viewers do, and EOI is there. The same array where nothing needs to be changed.
     *
     * @param profile whether an ICC profile shall stay
     */
    byte[] forReader(boolean profile) {
        boolean dropIcc = !profile || isCmyk() || !hasWholeProfile();
        int transform = isCmyk() ? -1 : wantedTransform();
        boolean sameAdobe = transform == adobe;
        if (sameAdobe && ended && (!dropIcc || segments.stream().noneMatch(this::isIcc))) {
            return file;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(file.length + 20);
        out.write(file, 0, 2);
        int at = 2;
        if (!sameAdobe && transform >= 0) {
            out.writeBytes(
                    new byte[] {-1, (byte) APP14, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, (byte) transform
                    });
        }
        for (Segment s : segments) {
            if (dropIcc && isIcc(s) || !sameAdobe && isAdobe(s)) {
                out.write(file, at, s.from - at);
                at = s.to;
            }
        }
        out.write(file, at, end - at);
        out.write(0xFF);
        out.write(EOI);
        return out.toByteArray();
    }

    /** The transform that an Adobe marker must name; -1 for none: grey, or JFIF, whose three components are YCbCr. */
    private int wantedTransform() {
        if (ids.length != 3 || jfif) {
            return adobe;
        }
        if (adobe >= 0) {
            return adobe == 0 ? 0 : 1; // 2 makes no sense for three components: YCbCr, as in libjpeg
        }
        return Arrays.equals(ids, new int[] {'R', 'G', 'B'}) ? 0 : 1;
    }

    private void parse() throws IIOException, EOFException {
        int at = 2;
        while (!ended) {
            int marker = nextMarker(at);
            if (marker < 0) {
                break;
            }
            int from = markerAt;
            if (marker == EOI) {
                ended = true;
            } else if (marker == 0x01 || marker >= 0xD0 && marker <= 0xD8) { // markers without parameters
                at = from + 2;
            } else {
                Segment s = segment(marker, from);
                segments.add(s);
                take(s);
                at = marker == SOS ? endOfData(s.to) : s.to;
                end = at;
            }
        }
        check();
    }

    private int markerAt;

    /** The code of the next marker at or after {@code at}, whose 0xFF is then at {@link #markerAt}; -1 at the end. */
    private int nextMarker(int at) {
        for (int i = at; i + 1 < file.length; i++) {
            int code = file[i + 1] & 255;
            if (file[i] == -1 && code != 0xFF && code != 0) {
                markerAt = i;
                return code;
            }
        }
        return -1;
    }

    private Segment segment(int code, int from) throws EOFException, IIOException {
        if (from + 4 > file.length) {
            throw new EOFException();
        }
        int length = u16(from + 2);
        if (length < 2) {
            throw new IIOException("damaged: a JPEG segment of " + length + " bytes");
        }
        if (from + 2 + length > file.length) {
            throw new EOFException();
        }
        return new Segment(code, from, from + 2 + length);
    }

    private void take(Segment s) throws IIOException {
        int at = s.from + 4;
        int bytes = s.to - at;
        boolean frame =
                s.marker >= 0xC0 && s.marker <= 0xCF && s.marker != 0xC4 && s.marker != 0xC8 && s.marker != 0xCC;
        if (s.marker == APP0) {
            jfif |= bytes >= 14 && holds(s, new byte[] {'J', 'F', 'I', 'F', 0});
        } else if (isAdobe(s)) {
            adobe = file[at + 11] & 255;
        } else if (frame && ids == null) {
            takeFrame(s.marker, at, bytes);
        } else if (s.marker == SOS && scans != null) {
            scans.take(Arrays.copyOfRange(file, at, s.to));
        }
    }

    private void takeFrame(int marker, int at, int bytes) throws IIOException {
        int count = bytes < 6 ? 0 : file[at + 5] & 255;
        if (count == 0 || bytes < 6 + 3 * count) {
            throw new IIOException("damaged: a JPEG frame header of " + bytes + " bytes");
        }
        if (marker > 0xC2 || file[at] != 8) {
            throw new IIOException(String.format(
                    Locale.ROOT,
                    "a JPEG of a rare kind (SOF%d, %d bits); baseline and progressive ones of 8 bits are read",
                    marker - 0xC0,
                    file[at]));
        }
        if (count == 2 || count > 4) {
            throw new IIOException("a JPEG of " + count + " components; 1 (grey), 3 (colour) and 4 (CMYK) are read");
        }
        height = u16(at + 1);
        width = u16(at + 3);
        ids = new int[count];
        for (int i = 0; i < count; i++) {
            ids[i] = file[at + 6 + 3 * i] & 255;
        }
        scans = new JpegScans(ids);
    }

    /** Behind the entropy-coded data from {@code from} on: at the next marker that is no restart, or the end. */
    private int endOfData(int from) {
        for (int i = from; i + 1 < file.length; i++) {
            if (file[i] == -1) {
                int code = file[i + 1] & 255;
                if (code != 0 && code != 0xFF && (code < 0xD0 || code > 0xD7)) {
                    return i;
                }
            }
        }
        // a lone 0xFF at the very end is the first half of EOI
        return file.length > from && file[file.length - 1] == -1 ? file.length - 1 : file.length;
    }

    private void check() throws IIOException, EOFException {
        if (ids == null || !scans.haveBegun() || !ended && !scans.areComplete()) {
            if (ended) {
                throw new IIOException("damaged: a JPEG without the data of all its components");
            }
            throw new EOFException();
        }
        if (height == 0 || width == 0) {
            throw new IIOException("damaged: a JPEG of " + height + "x" + width);
        }
    }

    /** Whether the parts of the ICC profile, "1 of n" to "n of n", are all there, in any order; true without one. */
    private boolean hasWholeProfile() {
        List<Segment> parts = segments.stream().filter(this::isIcc).toList();
        boolean[] seen = new boolean[parts.size() + 1];
        for (Segment s : parts) {
            int at = s.from + 4 + ICC.length;
            int part = s.to - at < 2 ? 0 : file[at] & 255;
            if (part == 0 || part > parts.size() || seen[part] || (file[at + 1] & 255) != parts.size()) {
                return false;
            }
            seen[part] = true;
        }
        return true;
    }

    private boolean isIcc(Segment s) {
        return s.marker == APP2 && holds(s, ICC);
    }

    private boolean isAdobe(Segment s) {
        return s.marker == APP14 && s.to - s.from >= 16 && holds(s, new byte[] {'A', 'd', 'o', 'b', 'e'});
    }

    private boolean holds(Segment s, byte[] name) {
        int at = s.from + 4;
        return s.to - at >= name.length && Arrays.equals(file, at, at + name.length, name, 0, name.length);
    }

    private int u16(int at) {
        return (file[at] & 255) << 8 | file[at + 1] & 255;
    }
}
