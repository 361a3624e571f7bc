package ddpm.data.files;

import java.util.Arrays;

/** How far the scans of a JPEG file bring the coefficients of its components (ITU-T T.81, B.2.3 and G.1.1). */
final class JpegScans {
    private static final int COEFFICIENTS = 64;
    private static final int NEVER = 99;

    private final int[] ids;
    private final int[][] lowestBit; // of each coefficient of each component that a scan has brought

    JpegScans(int[] ids) {
        this.ids = ids;
        lowestBit = new int[ids.length][COEFFICIENTS];
        for (int[] component : lowestBit) {
            Arrays.fill(component, NEVER);
        }
    }

    /** Adds the scan with the parameters {@code header}: count, (component, tables) each, Ss, Se, Ah and Al. */
    void take(byte[] header) {
        int count = header.length == 0 ? 0 : header[0] & 255;
        if (header.length < 4 + 2 * count) {
            return; // the decoder will say what it thinks of that
        }
        int first = header[1 + 2 * count] & 255;
        int last = Math.min(COEFFICIENTS - 1, header[2 + 2 * count] & 255);
        int bit = header[3 + 2 * count] & 15;
        for (int i = 0; i < count; i++) {
            for (int c = 0; c < ids.length; c++) {
                if (ids[c] == (header[1 + 2 * i] & 255)) {
                    for (int k = first; k <= last; k++) {
                        lowestBit[c][k] = bit;
                    }
                }
            }
        }
    }

    /** Whether every component has at least its mean values: a picture, however coarse. */
    boolean haveBegun() {
        return Arrays.stream(lowestBit).allMatch(component -> component[0] != NEVER);
    }

    /** Whether every coefficient of every component is there to its last bit. */
    boolean areComplete() {
        return Arrays.stream(lowestBit).allMatch(c -> Arrays.stream(c).allMatch(bit -> bit == 0));
    }
}
