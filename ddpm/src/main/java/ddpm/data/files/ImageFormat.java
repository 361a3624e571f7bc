package ddpm.data.files;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What kind of image a file holds. Its first bytes decide, never its name. */
public enum ImageFormat {
    PNG,
    JPEG,
    GIF,
    BMP,
    WEBP,
    TIFF;

    /** First bytes that are looked at. */
    public static final int HEAD_BYTES = 64;

    /** Sizes of the header that follows the 14 bytes of a BMP file: text may begin with BM, too. */
    private static final List<Integer> BMP_HEADERS = List.of(12, 16, 40, 52, 56, 64, 108, 124);

    /** Brands of ISO base media files that hold still images. */
    private static final List<String> HEIF_BRANDS = List.of("heic", "heix", "hevc", "mif1", "msf1", "avif", "avis");

    /** The format of a file that begins with {@code head}; empty where it is none of these. */
    static Optional<ImageFormat> of(byte[] head) {
        if (startsWith(head, 0, 0x89, 'P', 'N', 'G')) {
            return Optional.of(PNG);
        }
        if (startsWith(head, 0, 0xFF, 0xD8, 0xFF)) {
            return Optional.of(JPEG);
        }
        if (startsWith(head, 0, 'G', 'I', 'F', '8')) {
            return Optional.of(GIF);
        }
        if (isBmp(head)) {
            return Optional.of(BMP);
        }
        if (startsWith(head, 0, 'R', 'I', 'F', 'F') && startsWith(head, 8, 'W', 'E', 'B', 'P')) {
            return Optional.of(WEBP);
        }
        boolean tiff = startsWith(head, 0, 'I', 'I', 42, 0) || startsWith(head, 0, 'M', 'M', 0, 42);
        return tiff ? Optional.of(TIFF) : Optional.empty();
    }

    /** The name of an image format that is not read: {@code HEIC}; empty where {@code head} is no image known here. */
    static Optional<String> unsupported(byte[] head) {
        if (startsWith(head, 4, 'f', 't', 'y', 'p')) {
            String brand = text(head, 8, 12);
            if (brand.startsWith("avi")) {
                return Optional.of("AVIF");
            }
            return HEIF_BRANDS.contains(brand) ? Optional.of("HEIC") : Optional.empty();
        }
        if (startsWith(head, 0, 0, 0, 0, 12, 'J', 'X', 'L', ' ') || startsWith(head, 0, 0xFF, 0x0A)) {
            return Optional.of("JPEG XL");
        }
        if (startsWith(head, 0, 0, 0, 0, 12, 'j', 'P') || startsWith(head, 0, 0xFF, 0x4F, 0xFF, 0x51)) {
            return Optional.of("JPEG 2000");
        }
        if (startsWith(head, 0, '8', 'B', 'P', 'S')) {
            return Optional.of("PSD");
        }
        if (startsWith(head, 0, 'q', 'o', 'i', 'f')) {
            return Optional.of("QOI");
        }
        if (startsWith(head, 0, 0x76, 0x2F, 0x31, 0x01)) {
            return Optional.of("OpenEXR");
        }
        if (startsWith(head, 0, 'I', 'I', 43, 0) || startsWith(head, 0, 'M', 'M', 0, 43)) {
            return Optional.of("BigTIFF");
        }
        if (text(head, 0, 3).matches("P[1-7]\\s")) {
            return Optional.of("PNM");
        }
        return text(head, 0, HEAD_BYTES).toLowerCase(Locale.ROOT).contains("<svg")
                ? Optional.of("SVG")
                : Optional.empty();
    }

    /** Whether {@code head} begins a JPEG, PNG ... of this or another kind: {@link #of} or {@link #unsupported}. */
    public static boolean isImage(byte[] head) {
        return of(head).isPresent() || unsupported(head).isPresent();
    }

    private static boolean isBmp(byte[] head) {
        if (!startsWith(head, 0, 'B', 'M') || head.length < 18) {
            return false;
        }
        return BMP_HEADERS.contains(Integer.reverseBytes(ByteBuffer.wrap(head).getInt(14)));
    }

    private static boolean startsWith(byte[] head, int at, int... magic) {
        for (int i = 0; i < magic.length; i++) {
            if (at + i >= head.length || (head[at + i] & 255) != magic[i]) {
                return false;
            }
        }
        return true;
    }

    private static String text(byte[] head, int from, int to) {
        int end = Math.min(to, head.length);
        return from >= end ? "" : new String(head, from, end - from, StandardCharsets.ISO_8859_1);
    }
}
