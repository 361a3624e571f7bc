package ddpm.data.drawn;

import ddpm.config.ImageSize;
import ddpm.data.Channels;
import ddpm.data.Classes;
import ddpm.data.DataSpec;
import ddpm.data.ImageSet;
import ddpm.data.PixelSource;
import ddpm.data.Pixels;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * The built-in set {@code textures}: procedural colour patterns, 32x32 unless {@code spec} says otherwise. Image
 * {@code i} is of family {@code i % 8} of {@link TextureFamily}, with its own palette, orientation, scale and place.
 */
public final class Textures {
    static final int COUNT = 4096;
    static final int SIDE = 32;

    private static final long STREAM = 0x74657874L; // "text"
    private static final int SAMPLES = 3; // per pixel and axis, against jagged edges
    private static final TextureFamily[] FAMILIES = TextureFamily.values();

    private Textures() {}

    /** {@code spec.count()} textures at {@code spec.size()}; a larger image shows the same pattern in more pixels. */
    public static ImageSet draw(DataSpec spec, long memoryLimit) {
        return drawn(spec).inMemory(memoryLimit);
    }

    /** The same, one after the other. */
    public static PixelSource source(DataSpec spec) {
        return drawn(spec);
    }

    private static Classes classes(int count) {
        return Classes.of(IntStream.range(0, count)
                .mapToObj(i -> FAMILIES[i % FAMILIES.length].name().toLowerCase(Locale.ROOT))
                .toList());
    }

    private static DrawnSource drawn(DataSpec spec) {
        String name = "the built-in textures (seed " + spec.seed() + ")";
        return new DrawnSource("textures", name, spec, spec.countOr(COUNT), i -> texture(spec, i), Textures::classes);
    }

    private static Pixels texture(DataSpec spec, int i) {
        ImageRandom random = new ImageRandom(spec.seed(), STREAM, i);
        Pixels image = texture(FAMILIES[i % FAMILIES.length], random, spec.sizeOr(SIDE, SIDE));
        return spec.channels() == Channels.GREY ? image.toGrey() : image;
    }

    static Pixels texture(TextureFamily family, ImageRandom random, ImageSize size) {
        TextureFamily.Pattern pattern = family.pattern(random);
        double features = random.uniform(2.5, 6.5); // across the shorter side
        double step = features / (Math.min(size.height(), size.width()) * SAMPLES);
        // often straight, since most made things are; otherwise any way round
        double angle = random.chance(0.4) ? random.below(4) * Math.PI / 2 : random.uniform(0, 2 * Math.PI);
        double cos = StrictMath.cos(angle) * step;
        double sin = StrictMath.sin(angle) * step;
        double x0 = random.uniform(0, 64);
        double y0 = random.uniform(0, 64);
        byte[] data = new byte[size.height() * size.width() * 3];
        double[] rgb = new double[3];
        double[] sum = new double[3];
        for (int i = 0; i < size.height() * size.width(); i++) {
            sum[0] = sum[1] = sum[2] = 0;
            for (int s = 0; s < SAMPLES * SAMPLES; s++) {
                double x = i % size.width() * SAMPLES + s % SAMPLES + 0.5;
                double y = i / size.width() * SAMPLES + s / SAMPLES + 0.5;
                pattern.colour(x0 + cos * x - sin * y, y0 + sin * x + cos * y, rgb);
                for (int k = 0; k < 3; k++) {
                    sum[k] += Math.max(0, Math.min(1, rgb[k]));
                }
            }
            for (int k = 0; k < 3; k++) {
                data[3 * i + k] = (byte) Math.round(255 * sum[k] / (SAMPLES * SAMPLES));
            }
        }
        return new Pixels(size.height(), size.width(), 3, data);
    }
}
