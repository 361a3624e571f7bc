package ddpm.data;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * Images that the program draws, too many for memory.
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
}
