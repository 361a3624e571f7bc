package ddpm.data.files;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** Says what a file given as data is, where it is no IDX file of images, and what to give instead. */
public final class OtherContent {
    /** Types of IDX values by their code, http://yann.lecun.com/exdb/mnist: the third byte of the file. */
    private static final Map<Integer, String> TYPES = Map.of(
            0x08, "unsigned byte",
            0x09, "signed byte",
            0x0B, "int16",
            0x0C, "int32",
            0x0D, "float32",
            0x0E, "float64");

    private static final Map<String, String> KNOWN = Map.of(
            "\u0093NUMPY", "a NumPy file",
            "PK\u0003\u0004", "a zip archive",
            "\u0089HDF", "an HDF5 file",
            "PAR1", "a Parquet file",
            "ARROW1", "an Arrow file",
            "%PDF", "a PDF file",
            "7z\u00BC\u00AF", "a 7z archive");

    private OtherContent() {}

    /** What stands after "FILE: " for a file whose unpacked content begins with {@code head}, at least four bytes. */
    public static String of(Path file, byte[] head) {
        int magic = ByteBuffer.wrap(head).getInt();
        if (magic == IdxFile.LABELS_MAGIC) {
            return "holds labels (magic 2049), expected images (magic 2051); give the file named"
                    + " ...-images-idx3-ubyte";
        }
        String type = TYPES.get(magic >> 8); // two zero bytes, the type, the number of dimensions
        if (type != null) {
            return String.format(
                    Locale.ROOT,
                    "an IDX file of %s values (type 0x%02X) in %d dimension%s; images are read as unsigned bytes (type"
                            + " 0x08) in 3 dimensions: count, rows, columns",
                    type,
                    magic >> 8,
                    magic & 255,
                    (magic & 255) == 1 ? "" : "s");
        }
        if (ImageFormat.isImage(head)) {
            Path folder = file.toAbsolutePath().normalize().getParent();
            return "is one image, and a training set is a folder of images; give the folder that holds it: " + folder;
        }
        String text = new String(head, StandardCharsets.ISO_8859_1);
        for (Map.Entry<String, String> known : KNOWN.entrySet()) {
            if (text.startsWith(known.getKey())) {
                return "is " + known.getValue() + "; unpack or convert it to a folder of PNG images and give that";
            }
        }
        return "is not an IDX image file: magic number " + IdxFile.IMAGES_MAGIC + " expected, found " + magic
                + "; check that it is the right file and fetch it again, or give a folder of images";
    }
}
