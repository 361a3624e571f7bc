package ddpm.data.drawn;

import ddpm.config.ImageSize;
import ddpm.data.Classes;
import ddpm.data.DataSpec;
import ddpm.data.ImageSet;
import ddpm.data.PixelSource;
import ddpm.data.Pixels;
import ddpm.data.drawn.GlyphStrokes.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The built-in set {@code glyphs}: handwritten-looking digits, white on black, made like MNIST: the digit fills a box
 * of 20 of 28 pixels and its centre of mass lies in the middle. Image {@code i} shows the digit {@code i % 10}.
 *
 * <p>Paths are ours ({@link GlyphStrokes}), and so is the drawing ({@link PenPath}): the rasteriser of Java2D needs no
 * fonts either, but its edges differ between Java versions, and a seed has to give the same bytes everywhere.
 */
public final class Glyphs {
    static final int COUNT = 60_000;
    static final int SIDE = 28;

    private static final long STREAM = 0x676c797068L; // "glyph", apart from the textures of the same seed
    private static final double BOX = 20; // pixels of 28

    private Glyphs() {}

    /** {@code spec.count()} digits at {@code spec.size()}; drawn at that size, not resized. */
    public static ImageSet draw(DataSpec spec, long memoryLimit) {
        return drawn(spec).inMemory(memoryLimit);
    }

    /** The same, one after the other. */
    public static PixelSource source(DataSpec spec) {
        return drawn(spec);
    }

    /** Digit {@code i % 10} for image {@code i}. */
    public static Classes classes(int count) {
        return Classes.of(
                IntStream.range(0, count).mapToObj(i -> String.valueOf(i % 10)).toList());
    }

    private static DrawnSource drawn(DataSpec spec) {
        String name = "the built-in glyphs (seed " + spec.seed() + ")";
        return new DrawnSource("glyphs", name, spec, spec.countOr(COUNT), i -> glyph(spec, i), Glyphs::classes);
    }

    private static Pixels glyph(DataSpec spec, int i) {
        return glyph(i % 10, new ImageRandom(spec.seed(), STREAM, i), spec.sizeOr(SIDE, SIDE))
                .as(spec.channels());
    }

    private static Pixels glyph(int digit, ImageRandom random, ImageSize size) {
        double unit = Math.min(size.height(), size.width()) / (double) SIDE; // pixels per pixel of a 28x28 image
        PenPath path = new PenPath();
        for (List<Point> stroke : GlyphStrokes.of(digit, random)) {
            path.stroke(shaken(stroke, random));
        }
        slant(path, digit, random);
        double radius = Math.max(0.72, 1.27 + 0.28 * random.bell()); // of the writer's pen, pixels of 28
        fill(path, unit, radius, random);
        press(path, unit * radius, random);
        double soft = unit * random.uniform(1.0, 1.5);
        double[] centre = path.centreOfMass();
        path.transform(1, 0, 0, 1, size.width() / 2.0 - centre[0], size.height() / 2.0 - centre[1]);
        return new Pixels(size.height(), size.width(), 1, bytes(path.ink(size.height(), size.width(), soft), random));
    }

    /** The hand is not exact: every point moves a little on its own, and the ends of strokes a little more. */
    private static List<Point> shaken(List<Point> stroke, ImageRandom random) {
        List<Point> moved = new ArrayList<>();
        for (int i = 0; i < stroke.size(); i++) {
            Point p = stroke.get(i);
            double far = i == 0 || i == stroke.size() - 1 ? 3.6 : 2.7; // percent of the box
            moved.add(new Point(p.x() + far * random.bell(), p.y() + far * random.bell(), p.corner()));
        }
        return moved;
    }

    /** Rotation, slant and proportions of a writer, around the middle of the box. */
    private static void slant(PenPath path, int digit, ImageRandom random) {
        double angle = 0.09 * random.bell(); // radians, 5 degrees
        // most writers lean to the right; a 1 leans anywhere, since nothing but its slant tells two of them apart
        double shear = digit == 1 ? 0.15 + 0.28 * random.bell() : 0.12 + 0.19 * random.bell();
        double wide = Math.max(0.6, 1.0 + 0.16 * random.bell());
        double cos = StrictMath.cos(angle); // Math.cos may differ in the last bit between machines
        double sin = StrictMath.sin(angle);
        path.transform(1, 0, 0, 1, -50, -50);
        path.transform(wide, -shear, 0, 1, 0, 0);
        path.transform(cos, -sin, sin, cos, 0, 0);
    }

    /** Scales the longer side to about the box of 20 pixels, as MNIST was normalised. */
    private static void fill(PenPath path, double unit, double radius, ImageRandom random) {
        double[] box = path.bounds();
        double longest = Math.max(box[1] - box[0], box[3] - box[2]);
        double scale = (BOX - 2 * radius) * unit / longest * random.uniform(0.92, 1.01); // the box holds the ink
        double middle = SIDE * unit / 2;
        path.transform(scale, 0, 0, scale, 0, 0);
        box = path.bounds();
        path.transform(1, 0, 0, 1, middle - (box[0] + box[1]) / 2, middle - (box[2] + box[3]) / 2);
    }

    /** The pen: of about the given radius, swelling slowly along the path, and thinner where a stroke begins and ends. */
    private static void press(PenPath path, double radius, ImageRandom random) {
        double[] swell = new double[path.size() / 8 + 3];
        for (int k = 0; k < swell.length; k++) {
            swell[k] = 1 + 0.13 * random.bell();
        }
        for (int i = 0; i < path.size(); i++) {
            int k = i / 8;
            double t = i % 8 / 8.0;
            boolean tip = path.startsStroke(i) || i + 1 == path.size() || path.startsStroke(i + 1);
            path.radius(i, radius * (swell[k] + t * (swell[k + 1] - swell[k])) * (tip ? 0.8 : 1));
        }
    }

    /** 0..255, with paper's slight unevenness inside the stroke. */
    private static byte[] bytes(float[] ink, ImageRandom random) {
        byte[] out = new byte[ink.length];
        for (int i = 0; i < ink.length; i++) {
            if (ink[i] > 0) {
                double v = ink[i] * (255 + 6 * Math.min(0, random.bell()));
                out[i] = (byte) Math.max(0, Math.min(255, Math.round(v)));
            }
        }
        return out;
    }
}
