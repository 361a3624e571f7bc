package ddpm.data;

import ddpm.config.ImageSize;
import ddpm.data.ImageDecoder.Extent;
import ddpm.engine.io.IoReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Decodes the images of a folder and its subfolders, in parallel, in the order of their relative paths. */
final class ImageFolder {
    private static final long MAX_FILE_BYTES = 512_000_000;

    private final FolderListing listing;
    private final DataSpec spec;
    private final MemoryBudget budget;
    private final ConcurrentLinkedQueue<Rejected> rejected = new ConcurrentLinkedQueue<>();

    private ImageFolder(FolderListing listing, DataSpec spec, MemoryBudget budget) {
        this.listing = listing;
        this.spec = spec;
        this.budget = budget;
        rejected.addAll(listing.rejected());
    }

    /**
     * Every usable image under {@code folder}; the others are named in {@link ImageSet#rejected}.
     *
     * @throws DataException no file is usable, sizes differ and {@code spec} names none, or more than {@code budget}
     */
    static ImageSet read(Path folder, DataSpec spec, MemoryBudget budget) {
        FolderListing listing = FolderListing.of(folder);
        return new ImageFolder(listing, spec, budget).read();
    }

    private ImageSet read() {
        if (spec.size() == null) {
            requireOneSize(); // from the headers, before a folder of large photos is decoded in vain
        }
        Pixels[] images = decodeAll(file -> {
            Pixels image =
                    CropResize.fit(ImageDecoder.decode(file), spec.size()).as(spec.channels());
            budget.take(image.data().length);
            return image;
        });
        List<Pixels> kept = Arrays.stream(images).filter(Objects::nonNull).toList();
        List<Rejected> skipped =
                rejected.stream().sorted(Comparator.comparing(Rejected::file)).toList();
        if (kept.isEmpty()) {
            throw new DataException(listing.nothingUsable(skipped));
        }
        int channels = kept.stream().mapToInt(Pixels::channels).max().orElseThrow();
        byte[][] data = new byte[kept.size()][];
        for (int i = 0; i < data.length; i++) {
            Pixels image = kept.get(i);
            if (image.channels() < channels) { // AUTO found both grey and coloured images
                budget.take(2L * image.data().length);
                image = image.toRgb();
            }
            data[i] = image.data();
        }
        Pixels one = kept.get(0);
        return new ImageSet(listing.folder().toString(), one.height(), one.width(), channels, data, skipped);
    }

    private interface Decode<T> {
        T from(byte[] file) throws IOException;
    }

    /** One result per file; null where the file cannot be used, which is then in {@link #rejected}. */
    private Pixels[] decodeAll(Decode<Pixels> decode) {
        return IntStream.range(0, listing.files().size())
                .parallel()
                .mapToObj(i -> decode(listing.files().get(i), decode, true))
                .toArray(Pixels[]::new);
    }

    private <T> T decode(String name, Decode<T> decode, boolean report) {
        try {
            Path file = listing.folder().resolve(name);
            long bytes = Files.size(file);
            if (bytes > MAX_FILE_BYTES) {
                throw new IOException(ByteCount.text(bytes) + ", larger than any image expected here");
            }
            return decode.from(Files.readAllBytes(file));
        } catch (IOException e) {
            if (report) {
                rejected.add(new Rejected(name, IoReason.of(e)));
            }
            return null;
        }
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
        Extent common = Collections.max(bySize.entrySet(), Comparator.comparingInt(e -> e.getValue()
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
