package ddpm.data.drawn;

/** A few RGB colours, 0..1, that go together. */
final class Palette {
    private final double[][] colours;

    private Palette(double[][] colours) {
        this.colours = colours;
    }

    /** {@code count} colours around one or two hues, from dark to light or the other way round. */
    static Palette any(int count, ImageRandom random) {
        double hue = random.uniform();
        // neighbours on the colour wheel, or the colour across
        double second = hue + (random.chance(0.6) ? random.uniform(-0.12, 0.12) : random.uniform(0.4, 0.6));
        double saturation = random.uniform(0.15, 0.85);
        double dark = random.uniform(0.15, 0.5);
        double light = random.uniform(0.7, 1.0);
        boolean flip = random.chance(0.5);
        double[][] colours = new double[count][];
        for (int i = 0; i < count; i++) {
            double t = count == 1 ? 0 : (double) i / (count - 1);
            double value = Noise.mix(dark, light, flip ? 1 - t : t);
            colours[i] = hsv(i % 2 == 0 ? hue : second, saturation * random.uniform(0.7, 1), value);
        }
        return new Palette(colours);
    }

    /** Two colours of a material: hue, saturation and value within the given bounds, the second darker. */
    static Palette material(double hueFrom, double hueTo, double saturation, double value, ImageRandom random) {
        double hue = random.uniform(hueFrom, hueTo);
        double s = saturation * random.uniform(0.6, 1.2);
        double v = Math.min(1, value * random.uniform(0.75, 1.25));
        return new Palette(new double[][] {hsv(hue, s, v), hsv(hue - 0.01, s * 1.1, v * random.uniform(0.45, 0.75))});
    }

    int size() {
        return colours.length;
    }

    /** Writes colour {@code i}, scaled by {@code shade}, to {@code rgb}. */
    void put(int i, double shade, double[] rgb) {
        for (int k = 0; k < 3; k++) {
            rgb[k] = shade * colours[i][k];
        }
    }

    /** Writes the colour at {@code t} in 0..1 along the palette, scaled by {@code shade}. */
    void blend(double t, double shade, double[] rgb) {
        double at = Math.max(0, Math.min(1, t)) * (colours.length - 1);
        int i = Math.min((int) at, colours.length - 2);
        for (int k = 0; k < 3; k++) {
            rgb[k] = shade * Noise.mix(colours[i][k], colours[i + 1][k], at - i);
        }
    }

    /** Hue, saturation, value to RGB, all 0..1; the hue wraps around. */
    static double[] hsv(double hue, double saturation, double value) {
        double h = (hue - Math.floor(hue)) * 6;
        double s = Math.max(0, Math.min(1, saturation));
        double[] rgb = new double[3];
        for (int k = 0; k < 3; k++) {
            double away = (h + (k == 0 ? 5 : k == 1 ? 3 : 1)) % 6; // 5, 3, 1: where red, green, blue are full
            double full = Math.max(0, Math.min(1, Math.min(away, 4 - away)));
            rgb[k] = value * (1 - s * full);
        }
        return rgb;
    }
}
