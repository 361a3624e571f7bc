package ddpm.data;

import ddpm.engine.disk.MappedFile;

/** Where the pixels of a set lie: images of one size, [H,W,C] row-major each, 0..255 as unsigned bytes. */
public sealed interface Images {
    int count();

    /** Copies image {@code i} to {@code into}, from its index {@code at} on. */
    void copy(int i, byte[] into, int at);

    /** In arrays, one for each image; shared, not copied. */
    record InMemory(byte[][] arrays) implements Images {
        @Override
        public int count() {
            return arrays.length;
        }

        @Override
        public void copy(int i, byte[] into, int at) {
            System.arraycopy(arrays[i], 0, into, at, arrays[i].length);
        }
    }

    /**
     * One after the other in a file that need not fit into memory.
     *
     * @param length bytes of an image
     * @param sums   {@link PixelSum} of each image; shared, not copied
     */
    record Mapped(MappedFile file, int length, long[] sums) implements Images {
        @Override
        public int count() {
            return sums.length;
        }

        @Override
        public void copy(int i, byte[] into, int at) {
            file.get((long) i * length, into, at, length);
        }
    }
}
