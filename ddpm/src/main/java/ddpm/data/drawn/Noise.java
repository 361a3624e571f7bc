package ddpm.data.drawn;

/** Smooth random fields over the plane: gradient noise (Perlin 2002) on a hashed lattice, and sums of octaves of it. */
final class Noise {
    private final long key;

    Noise(ImageRandom random) {
        key = random.bits();
    }

    /** A value in [0,1) that belongs to the cell (x, y). */
    double cell(long x, long y) {
        return (hash(x, y) >>> 11) * 0x1p-53;
    }

    /** About [-1,1], mean 0; features one unit large. */
    double at(double x, double y) {
        double fx = Math.floor(x);
        double fy = Math.floor(y);
        long ix = (long) fx;
        long iy = (long) fy;
        double u = x - fx;
        double v = y - fy;
        double su = fade(u);
        double sv = fade(v);
        double top = mix(gradient(ix, iy, u, v), gradient(ix + 1, iy, u - 1, v), su);
        double low = mix(gradient(ix, iy + 1, u, v - 1), gradient(ix + 1, iy + 1, u - 1, v - 1), su);
        return 1.5 * mix(top, low, sv);
    }

    /** Octaves, each twice as fine and half as strong as the one before; about [-1,1]. */
    double octaves(double x, double y, int count) {
        double sum = 0;
        double amplitude = 0.6;
        double frequency = 1;
        for (int i = 0; i < count; i++) {
            sum += amplitude * at(x * frequency + 17.3 * i, y * frequency - 9.1 * i);
            amplitude /= 2;
            frequency *= 2;
        }
        return sum;
    }

    private double gradient(long ix, long iy, double u, double v) {
        long h = hash(ix, iy);
        double gx = ((h >>> 40 & 0xFFFF) - 32767.5) / 32767.5;
        double gy = ((h >>> 20 & 0xFFFF) - 32767.5) / 32767.5;
        return gx * u + gy * v;
    }

    private long hash(long x, long y) {
        return ImageRandom.mix(key + x * 0x9E3779B97F4A7C15L + y * 0xC2B2AE3D27D4EB4FL);
    }

    private static double fade(double t) {
        return t * t * t * (t * (6 * t - 15) + 10);
    }

    static double mix(double a, double b, double t) {
        return a + t * (b - a);
    }
}
