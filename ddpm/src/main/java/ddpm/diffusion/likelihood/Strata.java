package ddpm.diffusion.likelihood;

import ddpm.diffusion.Streams;
import ddpm.engine.random.Philox;

/**
 * All t in neighbouring ranges, of each of which an image is asked at one t that chance picks:
 *
 * <pre>
 * sum over t of L_t = sum over ranges of the mean over t in the range of (length L_t)
 * </pre>
 *
 * so that {@code length L_t} of one picked t estimates its range without bias. Terms fall about as 1 / t, so ranges grow with t: each
 * then holds a like share of the bits, and within one they differ little.
 *
 * @param first the least t of each range, from 0 on; the last range ends at T-1
 * @param timesteps T
 */
public record Strata(int[] first, int timesteps) {
    /** 0 by itself, then ranges of growing length; each t by itself where {@code count} is T or more. */
    public static Strata of(int timesteps, int count) {
        if (timesteps < 1 || count < 2) {
            throw new IllegalArgumentException(
                    "strata: " + count + " of " + timesteps + " timesteps; needs 2 or more, of 1 or more");
        }
        int[] first = new int[Math.min(count, timesteps)];
        for (int i = 1; i < first.length; i++) {
            int left = first.length - i;
            int from = i == 1 ? 0 : first[i - 1];
            double grown = i == 1 ? 1 : from * Math.pow((double) timesteps / from, 1.0 / (left + 1));
            first[i] = Math.min(timesteps - left, Math.max(from + 1, (int) Math.round(grown)));
        }
        return new Strata(first, timesteps);
    }

    /** Ranges. */
    public int count() {
        return first.length;
    }

    /** The greatest t of a range. */
    public int last(int range) {
        return (range + 1 < first.length ? first[range + 1] : timesteps) - 1;
    }

    /** How many t it has. */
    public int length(int range) {
        return last(range) - first[range] + 1;
    }

    /** The t that an image is asked at, which depends on the three alone. */
    public int pick(long seed, long image, int range) {
        long word = Philox.word(seed, Streams.BOUND_TIME, image, range);
        return first[range] + (int) (word * length(range) >>> 32);
    }
}
