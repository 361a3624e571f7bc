package ddpm.data;

/**
 * One decoded image.
 *
 * @param data [H,W,C] row-major, 8 bits, C = 1 or 3
 */
public record Pixels(int height, int width, int channels, byte[] data) {
    /** True where red, green and blue agree in every pixel. */
    public boolean isGrey() {
        if (channels == 1) {
            return true;
        }
        for (int i = 0; i < data.length; i += 3) {
            if (data[i] != data[i + 1] || data[i] != data[i + 2]) {
                return false;
            }
        }
        return true;
    }

    /** Luma of ITU-R BT.601 in 16-bit fixed point, rounded: the same value on every machine, and PIL's "L". */
    public Pixels toGrey() {
        if (channels == 1) {
            return this;
        }
        byte[] grey = new byte[height * width];
        for (int i = 0; i < grey.length; i++) {
            int r = data[3 * i] & 255;
            int g = data[3 * i + 1] & 255;
            int b = data[3 * i + 2] & 255;
            grey[i] = (byte) ((19595 * r + 38470 * g + 7471 * b + 0x8000) >> 16);
        }
        return new Pixels(height, width, 1, grey);
    }

    public Pixels toRgb() {
        if (channels == 3) {
            return this;
        }
        byte[] rgb = new byte[3 * data.length];
        for (int i = 0; i < data.length; i++) {
            rgb[3 * i] = data[i];
            rgb[3 * i + 1] = data[i];
            rgb[3 * i + 2] = data[i];
        }
        return new Pixels(height, width, 3, rgb);
    }

    /** AUTO drops channels that carry nothing; a mixed set is widened again once every image is known. */
    public Pixels as(Channels wanted) {
        return switch (wanted) {
            case GREY -> toGrey();
            case RGB -> toRgb();
            case AUTO -> isGrey() ? toGrey() : this;
        };
    }

    /** Rows become columns. */
    public Pixels transposed() {
        byte[] turned = new byte[data.length];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                System.arraycopy(data, (y * width + x) * channels, turned, (x * height + y) * channels, channels);
            }
        }
        return new Pixels(width, height, channels, turned);
    }

    /** The last column first. */
    public Pixels mirrored() {
        byte[] turned = new byte[data.length];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int from = (y * width + x) * channels;
                System.arraycopy(data, from, turned, (y * width + width - 1 - x) * channels, channels);
            }
        }
        return new Pixels(height, width, channels, turned);
    }

    /** The last row first. */
    public Pixels flipped() {
        byte[] turned = new byte[data.length];
        int row = width * channels;
        for (int y = 0; y < height; y++) {
            System.arraycopy(data, y * row, turned, (height - 1 - y) * row, row);
        }
        return new Pixels(height, width, channels, turned);
    }
}
