package ddpm.data.source;

import ddpm.DataException;
import ddpm.config.ImageSize;
import ddpm.data.Channels;
import ddpm.data.Classes;
import ddpm.data.DataSpec;
import ddpm.data.ImageSet;
import ddpm.data.MemoryBudget;
import ddpm.data.PixelSource;
import ddpm.data.Pixels;
import ddpm.data.ReadNotes;
import ddpm.data.SourceKey;
import ddpm.data.files.CropResize;
import ddpm.data.files.IdxFile;
import ddpm.data.files.ImageFormat;
import ddpm.data.files.OtherContent;
import ddpm.disk.Packed;
import ddpm.engine.disk.IoReason;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.zip.ZipException;

/** Reads one IDX image file. What its header says is believed only as far as the file holds it. */
final class IdxImages implements PixelSource {
    private static final String REMEDY = "; the file is damaged: fetch it again";

    private final Path file;
    private final String name;
    private final DataSpec spec;
    private final ReadNotes notes;

    private record Header(int count, int rows, int columns) {
        long bytes() {
            return IdxFile.HEADER_BYTES + (long) count * rows * columns;
        }

        String text() {
            return String.format(Locale.ROOT, "%,d images of %dx%d (%,d bytes)", count, rows, columns, bytes());
        }
    }

    /** @param name of the resulting set @param notes of it, what lies beside the file */
    IdxImages(Path file, String name, DataSpec spec, ReadNotes notes) {
        this.file = file;
        this.name = name;
        this.spec = spec;
        this.notes = notes;
    }

    /**
     * The images of {@code file}, resized and widened as {@code spec} asks.
     *
     * @param name of the resulting set
     * @throws DataException unreadable, not IDX, truncated, too long, or more than {@code budget}
     */
    static ImageSet read(Path file, String name, DataSpec spec, MemoryBudget budget) {
        return new IdxImages(file, name, spec, ReadNotes.NONE).inMemory(budget);
    }

    ImageSet inMemory(MemoryBudget budget) {
        List<Pixels> images = new ArrayList<>();
        forEach(image -> {
            budget.take(image.data().length);
            images.add(image);
        });
        Pixels one = images.get(0);
        byte[][] data = images.stream().map(Pixels::data).toArray(byte[][]::new);
        List<String> lines = new ArrayList<>();
        Classes classes = classes(Kept.ALL, data.length, lines);
        return new ImageSet(name, one.height(), one.width(), one.channels(), data, List.of())
                .withNotes(notes.with(lines))
                .withClasses(classes);
    }

    @Override
    public Kept forEach(Consumer<Pixels> to) {
        try {
            read(to);
            return Kept.ALL;
        } catch (ZipException e) {
            throw new DataException(file + ": broken gzip data (" + e.getMessage() + ")" + REMEDY, e);
        } catch (IOException e) {
            throw new DataException(
                    file + ": cannot be read (" + IoReason.of(e) + "); check the file and its rights", e);
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public ReadNotes notes(Kept kept) {
        return notes;
    }

    @Override
    public Classes classes(Kept kept, int count, List<String> lines) {
        return IdxLabels.read(file, count, lines);
    }

    @Override
    public String key() {
        SourceKey key = new SourceKey("idx " + isTransposed(file), spec);
        key.add(SourceKey.sum(file));
        return key.text();
    }

    /** Bytes of the images by the header; 0 where it cannot be believed, which {@link #forEach} will say. */
    long leastBytes() {
        try (InputStream in = Packed.open(file)) {
            Header header = header(in);
            ImageSize size = spec.sizeOr(header.rows, header.columns);
            long pixels = (long) header.count * size.height() * size.width();
            return header.bytes() > Packed.mostBytes(file) ? 0 : pixels * (spec.channels() == Channels.RGB ? 3 : 1);
        } catch (IOException | DataException e) {
            return 0;
        }
    }

    private void read(Consumer<Pixels> to) throws IOException {
        long most = Packed.mostBytes(file);
        boolean packed = Packed.isGzip(file);
        try (InputStream in = Packed.open(file)) {
            Header header = header(in);
            if (header.bytes() > most || !packed && header.bytes() != most) {
                throw new DataException(file + ": its header promises " + header.text() + ", but the file "
                        + (packed ? "can hold at most " : "holds ") + String.format(Locale.ROOT, "%,d bytes", most)
                        + REMEDY);
            }
            images(in, header, to);
        } catch (EOFException e) { // from the gzip reader: the packed stream stops before its end mark
            throw new DataException(file + ": the gzip file is cut short" + REMEDY, e);
        }
    }

    private Header header(InputStream in) throws IOException {
        byte[] bytes = in.readNBytes(IdxFile.HEADER_BYTES);
        ByteBuffer header = ByteBuffer.wrap(bytes); // big-endian, as IDX is
        if (bytes.length >= 4 && header.getInt(0) != IdxFile.IMAGES_MAGIC) {
            byte[] more = in.readNBytes(ImageFormat.HEAD_BYTES - bytes.length);
            byte[] head = Arrays.copyOf(bytes, bytes.length + more.length);
            System.arraycopy(more, 0, head, bytes.length, more.length);
            throw new DataException(file + ": " + OtherContent.of(file, head));
        }
        if (bytes.length < IdxFile.HEADER_BYTES) {
            throw new DataException(
                    file + ": holds " + bytes.length + " bytes, fewer than the 16 of an IDX header" + REMEDY);
        }
        Header h = new Header(header.getInt(4), header.getInt(8), header.getInt(12));
        if (h.count < 1 || h.rows < 1 || h.rows > ImageSize.MAX || h.columns < 1 || h.columns > ImageSize.MAX) {
            throw new DataException(file + ": its header says " + h.count + " images of " + h.rows + "x" + h.columns
                    + "; at least one image and sides from 1 to " + ImageSize.MAX + " are expected" + REMEDY);
        }
        return h;
    }

    /** Image by image, so that memory grows with what was read, never with what the header says. */
    private void images(InputStream in, Header header, Consumer<Pixels> to) throws IOException {
        boolean transposed = isTransposed(file);
        int bytes = header.rows * header.columns;
        for (int i = 0; i < header.count; i++) {
            byte[] data = new byte[bytes];
            if (in.readNBytes(data, 0, bytes) < bytes) {
                throw new DataException(String.format(
                        Locale.ROOT,
                        "%s: its header promises %s, but the file ends in image %,d%s",
                        file,
                        header.text(),
                        i,
                        REMEDY));
            }
            Pixels image = new Pixels(header.rows, header.columns, 1, data);
            to.accept(CropResize.fit(transposed ? image.transposed() : image, spec.size())
                    .as(spec.channels()));
        }
        if (in.read() >= 0) { // reading to the end also lets gzip check its CRC
            throw new DataException(file + ": holds more than the " + header.text() + " of its header" + REMEDY);
        }
    }

    /** EMNIST was exported column by column from MATLAB: its letters lie on their side, mirrored. */
    static boolean isTransposed(Path file) {
        return file.getFileName().toString().toLowerCase(Locale.ROOT).startsWith("emnist");
    }
}
