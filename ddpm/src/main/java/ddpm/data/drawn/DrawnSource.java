package ddpm.data.drawn;

import ddpm.data.Classes;
import ddpm.data.DataSpec;
import ddpm.data.ImageSet;
import ddpm.data.MemoryBudget;
import ddpm.data.PixelSource;
import ddpm.data.Pixels;
import ddpm.data.SourceKey;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Images that the program draws, for memory or, where they are too many, one after the other.
 *
 * @param kind  of set
 * @param name  of the set, for the user
 * @param count images
 * @param draw  gives an image by its number
 * @param shown gives what so many of them show
 */
record DrawnSource(
        String kind, String name, DataSpec spec, int count, IntFunction<Pixels> draw, IntFunction<Classes> shown)
        implements PixelSource {
    @Override
    public String key() {
        SourceKey key = new SourceKey(kind, spec);
        key.add(spec.seed());
        key.add(count);
        return key.text();
    }

    @Override
    public Classes classes(Kept kept, int images, List<String> notes) {
        return shown.apply(images);
    }

    @Override
    public Kept forEach(Consumer<Pixels> to) {
        PixelSource.inOrder(count, draw.apply(0).data().length, draw, to);
        return Kept.ALL;
    }

    /** All of them, drawn by all cores. @throws MemoryBudget.ExceededException where they need more than {@code limit} bytes */
    ImageSet inMemory(long limit) {
        Pixels first = draw.apply(0);
        new MemoryBudget(kind, limit).take((long) count * first.data().length);
        byte[][] images = IntStream.range(0, count)
                .parallel()
                .mapToObj(i -> draw.apply(i).data())
                .toArray(byte[][]::new);
        return new ImageSet(name, first.height(), first.width(), first.channels(), images, List.of())
                .withClasses(shown.apply(count));
    }
}
