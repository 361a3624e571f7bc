package ddpm.data.source;

import ddpm.DataException;
import ddpm.Invocation;
import ddpm.config.ImageSize;
import ddpm.data.Channels;
import ddpm.data.Classes;
import ddpm.data.DataSpec;
import ddpm.data.HeapTooSmallException;
import ddpm.data.ImageSet;
import ddpm.data.Images;
import ddpm.data.MemoryBudget;
import ddpm.data.PixelSource;
import ddpm.data.Pixels;
import ddpm.data.ReadNotes;
import ddpm.data.Rejected;
import ddpm.data.Remark;
import ddpm.data.SourceKey;
import ddpm.data.files.CropResize;
import ddpm.data.files.Decoded;
import ddpm.data.files.ImageDecoder;
import ddpm.data.files.ImageDecoder.Extent;
import ddpm.disk.ByteCount;
import ddpm.engine.disk.IoReason;
import ddpm.engine.disk.PathText;
import ddpm.picture.OwnPictures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Decodes the images of a folder and its subfolders, in parallel, in the order of their relative paths. */
final class ImageFolder implements PixelSource {
    private static final long MAX_FILE_BYTES = 512_000_000;
    /** Bytes that decoding one image may take: the rest of Java's memory is the program's. */
    private static final long DECODING = Runtime.getRuntime().maxMemory() / 5 * 4;

    private final FolderListing listing;
    private final DataSpec spec;
    private final MemoryBudget budget;
    private final long decoding;
    private final ConcurrentLinkedQueue<Rejected> rejected = new ConcurrentLinkedQueue<>();
    private final ConcurrentSkipListSet<String> own = new ConcurrentSkipListSet<>();
    private Extent common; // of the headers; null where the images are resized, or none has a header

    /** @param decoding bytes that decoding one image may take */
    ImageFolder(FolderListing listing, DataSpec spec, MemoryBudget budget, long decoding) {
        this.listing = listing;
        this.spec = spec;
        this.budget = budget;
        this.decoding = decoding;
        rejected.addAll(listing.rejected());
    }

    /**
     * Every usable image under {@code folder}; the others are named in {@link ImageSet#rejected}.
     *
     * @throws DataException no file is usable, sizes differ and {@code spec} names none, or more than {@code budget}
     */
    static ImageSet read(Path folder, DataSpec spec, MemoryBudget budget) {
        return open(folder, spec, budget).read();
    }

    /** The folder, listed; where its images keep their own size, they are known to have the same one. */
    static ImageFolder open(Path folder, DataSpec spec, MemoryBudget budget) {
        ImageFolder opened = new ImageFolder(FolderListing.of(folder), spec, budget, DECODING);
        if (spec.size() == null) {
            opened.requireOneSize(); // from the headers, before a folder of large photos is decoded in vain
        }
        return opened;
    }

    ImageSet read() {
        Decoded[] images = decodeAll(file -> {
            Decoded decoded = decoded(file);
            Pixels image = decoded.pixels();
            budget.take(image.data().length);
            return new Decoded(image, decoded.remarks());
        });
        List<Decoded> kept = Arrays.stream(images).filter(Objects::nonNull).toList();
        List<Rejected> skipped =
                rejected.stream().sorted(Comparator.comparing(Rejected::file)).toList();
        if (kept.isEmpty()) {
            throw nothingUsable(skipped);
        }
        int channels = kept.stream().mapToInt(d -> d.pixels().channels()).max().orElseThrow();
        byte[][] data = new byte[kept.size()][];
        for (int i = 0; i < data.length; i++) {
            Pixels image = kept.get(i).pixels();
            if (image.channels() < channels) { // AUTO found both grey and coloured images
                budget.take(2L * image.data().length);
                image = image.toRgb();
            }
            data[i] = image.data();
        }
        Pixels one = kept.get(0).pixels();
        List<String> names = IntStream.range(0, images.length)
                .filter(i -> images[i] != null)
                .mapToObj(listing.files()::get)
                .toList();
        ReadNotes notes = notes(
                List.copyOf(own),
                ReadNotes.count(kept.stream().map(Decoded::remarks).toList()));
        List<String> lines = new ArrayList<>();
        Classes classes = FolderLabels.of(listing.folder(), names, lines);
        return new ImageSet(
                name(),
                one.height(),
                one.width(),
                channels,
                new Images.InMemory(data),
                names,
                skipped,
                notes.with(lines),
                classes);
    }

    private DataException nothingUsable(List<Rejected> skipped) {
        int left = own.size()
                + listing.runs().values().stream().mapToInt(Integer::intValue).sum();
        if (left > 0) {
            String ours = left + " drawn by ddpm, left out (another program's copy of such a picture counts)";
            return new DataException(listing.nothingUsable(skipped, List.of(ours)));
        }
        return new DataException(listing.nothingUsable(skipped, List.of()));
    }

    private ReadNotes notes(List<String> drawn, Map<Remark, Integer> remarks) {
        List<Rejected> others = listing.others().stream()
                .filter(file -> !file.file().equals(FolderLabels.FILE))
                .toList();
        return new ReadNotes(remarks, others, OwnPictures.notes(listing.runs(), drawn));
    }

    /** Bytes that the images take at least, where none is rejected; 0 where their size is not known. */
    long leastBytes() {
        long pixels = spec.size() != null
                ? (long) spec.size().height() * spec.size().width()
                : common == null ? 0 : (long) common.height() * common.width();
        return pixels
                * (spec.channels() == Channels.RGB ? 3 : 1)
                * listing.files().size();
    }

    @Override
    public String name() {
        return listing.folder().toString();
    }

    @Override
    public ReadNotes notes(Kept kept) {
        return notes(kept.own(), kept.remarks());
    }

    @Override
    public Classes classes(Kept kept, int count, List<String> notes) {
        return FolderLabels.of(listing.folder(), kept.files(), notes);
    }

    @Override
    public String key() {
        List<String> files = listing.files();
        SourceKey key = new SourceKey("folder", spec);
        PixelSource.inOrder(
                files.size(), 0, i -> SourceKey.sum(listing.folder().resolve(PathText.path(files.get(i)))), key::add);
        files.forEach(key::add);
        return key.text();
    }

    @Override
    public Kept forEach(Consumer<Pixels> to) {
        List<String> files = listing.files();
        List<String> names = new ArrayList<>();
        List<Set<Remark>> remarks = new ArrayList<>();
        int[] next = {0};
        PixelSource.inOrder(files.size(), 3 * leastBytes() / Math.max(1, files.size()), i -> decoded(i), image -> {
            String file = files.get(next[0]++);
            image.ifPresent(decoded -> {
                names.add(file);
                remarks.add(decoded.remarks());
                to.accept(decoded.pixels());
            });
        });
        List<Rejected> skipped =
                rejected.stream().sorted(Comparator.comparing(Rejected::file)).toList();
        if (names.isEmpty()) {
            throw nothingUsable(skipped);
        }
        return new Kept(names, skipped, List.copyOf(own), ReadNotes.count(remarks));
    }

    private Optional<Decoded> decoded(int i) {
        return Optional.ofNullable(decode(listing.files().get(i), this::decoded, true));
    }

    private Decoded decoded(byte[] file) throws IOException {
        Decoded decoded = ImageDecoder.decode(file, decoding);
        return new Decoded(CropResize.fit(decoded.pixels(), spec.size()).as(spec.channels()), decoded.remarks());
    }

    private interface Decode<T> {
        T from(byte[] file) throws IOException;
    }

    /** One result per file; null where the file cannot be used, which is then in {@link #rejected}. */
    private Decoded[] decodeAll(Decode<Decoded> decode) {
        return IntStream.range(0, listing.files().size())
                .parallel()
                .mapToObj(i -> decode(listing.files().get(i), decode, true))
                .toArray(Decoded[]::new);
    }

    private <T> T decode(String name, Decode<T> decode, boolean report) {
        try {
            Path file = listing.folder().resolve(PathText.path(name));
            long bytes = Files.size(file);
            if (bytes > MAX_FILE_BYTES) {
                throw new IOException(ByteCount.text(bytes) + ", larger than any image expected here");
            }
            byte[] content = Files.readAllBytes(file);
            if (OwnPictures.isMarked(content)) {
                own.add(name);
                return null;
            }
            return decode.from(content);
        } catch (HeapTooSmallException e) {
            throw e.about(where(name));
        } catch (OutOfMemoryError e) {
            throw new DataException(
                    where(name) + ": Java's memory of " + ByteCount.text(decoding)
                            + " for images was full while it was decoded; give Java more with "
                            + Invocation.withJava("-Xmx8g") + ", or make the image smaller",
                    e);
        } catch (IOException e) {
            if (report) {
                rejected.add(new Rejected(name, IoReason.of(e)));
            }
            return null;
        }
    }

    private String where(String name) {
        return PathText.of(listing.folder().resolve(PathText.path(name)));
    }

    private void requireOneSize() {
        List<String> files = listing.files();
        Extent[] sizes = IntStream.range(0, files.size())
                .parallel()
                .mapToObj(i -> decode(files.get(i), ImageDecoder::extent, false))
                .toArray(Extent[]::new);
        Map<Extent, List<Integer>> bySize = IntStream.range(0, sizes.length)
                .filter(i -> sizes[i] != null)
                .boxed()
                .collect(Collectors.groupingBy(i -> sizes[i], LinkedHashMap::new, Collectors.toList()));
        if (bySize.isEmpty()) {
            return;
        }
        common = Collections.max(bySize.entrySet(), Comparator.comparingInt(e -> e.getValue()
                        .size()))
                .getKey();
        boolean huge = common.height() > ImageSize.MAX || common.width() > ImageSize.MAX;
        String remedy = "; crop and resize them to one size, e.g. "
                + (huge ? "--size 64" : "the most common one with --size " + common);
        if (bySize.size() > 1) {
            List<Integer> firsts =
                    bySize.values().stream().limit(2).map(same -> same.get(0)).toList();
            String examples =
                    firsts.stream().map(i -> files.get(i) + " is " + sizes[i]).collect(Collectors.joining(" and "));
            throw new DataException(listing.folder() + ": the images have " + bySize.size() + " different sizes, e.g. "
                    + examples + " (height x width)" + remedy);
        }
        if (huge) {
            throw new DataException(listing.folder() + ": the images are " + common + " (height x width), larger than "
                    + ImageSize.MAX + remedy);
        }
    }
}
