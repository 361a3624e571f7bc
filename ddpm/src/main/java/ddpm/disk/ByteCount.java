package ddpm.disk;

import java.util.Locale;

/** Numbers of bytes in words, decimal units: 47 MB, 9.9 MB, 512 bytes. */
public final class ByteCount {
    private static final String[] UNITS = {"kB", "MB", "GB", "TB"};

    private ByteCount() {}

    public static String text(long bytes) {
        if (bytes < 1000) {
            return bytes == 1 ? "1 byte" : bytes + " bytes";
        }
        double value = bytes / 1000.0;
        int unit = 0;
        while (value >= 999.5 && unit < UNITS.length - 1) {
            value /= 1000;
            unit++;
        }
        return String.format(Locale.ROOT, value < 9.95 ? "%.1f %s" : "%.0f %s", value, UNITS[unit]);
    }
}
