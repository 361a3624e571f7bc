package ddpm.data.source;

import ddpm.data.Classes;
import ddpm.data.files.IdxFile;
import ddpm.disk.Packed;
import ddpm.engine.disk.IoReason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The file of labels beside an IDX image file: big-endian int32 magic 2049 and count, then a byte for each image. */
final class IdxLabels {
    private static final int HEADER_BYTES = 8;

    private IdxLabels() {}

    /** {@code train-labels-idx1-ubyte} for {@code train-images-idx3-ubyte}, in any of its spellings; where it is there. */
    static Optional<Path> beside(Path images) {
        String plain = images.getFileName().toString().replaceAll("\\.gz$", "").replaceAll("[-.]idx3-ubyte$", "");
        if (!plain.endsWith("images")) {
            return Optional.empty();
        }
        String stem = plain.substring(0, plain.length() - "images".length()) + "labels";
        return List.of("-idx1-ubyte", ".idx1-ubyte", "-idx1-ubyte.gz", ".idx1-ubyte.gz").stream()
                .map(ending -> images.resolveSibling(stem + ending))
                .filter(Files::isRegularFile)
                .findFirst();
    }

    /**
     * The labels of {@code count} images.
     *
     * @param notes gets a line where a file is there that cannot be used: the images are then without labels
     */
    static Classes read(Path images, int count, List<String> notes) {
        Optional<Path> file = beside(images);
        if (file.isEmpty()) {
            return Classes.UNKNOWN;
        }
        try {
            byte[] labels = bytes(file.get(), count);
            List<String> names = new ArrayList<>(count);
            for (byte label : labels) {
                names.add(String.valueOf(label & 255));
            }
            return Classes.of(names);
        } catch (IOException e) {
            notes.add("labels: " + file.get() + " cannot be used (" + IoReason.of(e)
                    + "); the images are without labels until it is fetched again or removed");
            return Classes.UNKNOWN;
        }
    }

    private static byte[] bytes(Path file, int count) throws IOException {
        try (InputStream in = Packed.open(file)) {
            byte[] head = in.readNBytes(HEADER_BYTES);
            if (head.length < HEADER_BYTES) {
                throw new IOException("it holds " + head.length + " bytes, fewer than the 8 of its header");
            }
            ByteBuffer header = ByteBuffer.wrap(head);
            if (header.getInt(0) != IdxFile.LABELS_MAGIC) {
                throw new IOException("it does not begin as a file of labels");
            }
            if (header.getInt(4) != count) {
                throw new IOException("its header says " + header.getInt(4) + " labels for " + count + " images");
            }
            byte[] labels = in.readNBytes(count);
            if (labels.length < count) {
                throw new IOException("it ends after " + labels.length + " of " + count + " labels");
            }
            if (in.read() >= 0) {
                throw new IOException("it holds more than its " + count + " labels");
            }
            return labels;
        }
    }
}
