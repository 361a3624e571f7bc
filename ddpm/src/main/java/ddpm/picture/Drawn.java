package ddpm.picture;

import ddpm.config.ImageSize;

/**
 * Images as a model draws them.
 *
 * @param size height and width
 * @param channels 1 or 3
 * @param images each [H,W,C] row-major, about -1 .. 1
 */
public record Drawn(ImageSize size, int channels, float[][] images) {
    /** The images as unsigned bytes: -1 .. 1 to 0 .. 255, values outside cut off. */
    public byte[][] bytes() {
        byte[][] all = new byte[images.length][];
        for (int i = 0; i < all.length; i++) {
            all[i] = bytes(images[i], 0, images[i].length);
        }
        return all;
    }

    /** Part of an array of values -1 .. 1 as unsigned bytes. */
    public static byte[] bytes(float[] values, int from, int length) {
        byte[] out = new byte[length];
        for (int k = 0; k < length; k++) {
            float clamped = Math.max(-1f, Math.min(1f, values[from + k]));
            out[k] = (byte) Math.round((clamped + 1) * 127.5f);
        }
        return out;
    }
}
