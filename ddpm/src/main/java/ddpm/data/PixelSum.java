package ddpm.data;

import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/**
 * 64 bits that tell bytes from others: two cyclic redundancy checks of different polynomials, which processors compute at
 * memory's speed. They recognise what was changed by a person or a fault, and defend against nobody.
 */
public final class PixelSum {
    private final CRC32 low = new CRC32();
    private final CRC32C high = new CRC32C();

    void update(byte[] bytes, int length) {
        low.update(bytes, 0, length);
        high.update(bytes, 0, length);
    }

    /** Of what was given so far. */
    long value() {
        return high.getValue() << 32 | low.getValue();
    }

    public static long of(byte[] bytes, int length) {
        PixelSum sum = new PixelSum();
        sum.update(bytes, length);
        return sum.value();
    }
}
