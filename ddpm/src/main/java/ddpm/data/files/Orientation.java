package ddpm.data.files;

import com.drew.lang.ByteArrayReader;
import com.drew.metadata.Metadata;
import com.drew.metadata.exif.ExifIFD0Directory;
import com.drew.metadata.exif.ExifReader;
import ddpm.data.Pixels;

/**
 * How an image lies in its file, as the tag Orientation of EXIF and TIFF says (TIFF 6.0, section 8; CIPA DC-008, 4.6.4).
 *
 * @param code 1 to 8: the first row and the first column of the file are 1 top and left, 2 top and right, 3 bottom and
 *     right, 4 bottom and left, 5 left and top, 6 right and top, 7 right and bottom, 8 left and bottom
 */
record Orientation(int code) {
    static final Orientation UPRIGHT = new Orientation(1);

    /** The orientation that {@code exif}, a TIFF structure, names; upright where it names none or is damaged. */
    static Orientation of(byte[] exif) {
        Metadata metadata = new Metadata();
        new ExifReader().extract(new ByteArrayReader(exif), metadata);
        ExifIFD0Directory first = metadata.getFirstDirectoryOfType(ExifIFD0Directory.class);
        Integer code = first == null ? null : first.getInteger(ExifIFD0Directory.TAG_ORIENTATION);
        return code == null || code < 1 || code > 8 ? UPRIGHT : new Orientation(code);
    }

    boolean isUpright() {
        return code == 1;
    }

    /** Whether height and width change places. */
    boolean swapsSides() {
        return code >= 5;
    }

    /** The image as it is to be seen. */
    Pixels upright(Pixels image) {
        return switch (code) {
            case 2 -> image.mirrored();
            case 3 -> image.flipped().mirrored();
            case 4 -> image.flipped();
            case 5 -> image.transposed();
            case 6 -> image.transposed().mirrored();
            case 7 -> image.transposed().flipped().mirrored();
            case 8 -> image.transposed().flipped();
            default -> image;
        };
    }
}
