package ddpm.evaluate;

import ddpm.data.Images;
import ddpm.evaluate.measure.Rows;

/** Images as points of their pixels, 0 .. 255. @param length bytes of an image */
record PixelRows(Images images, int length) implements Rows {
    @Override
    public int count() {
        return images.count();
    }

    @Override
    public int dim() {
        return length;
    }

    @Override
    public void copy(int i, float[] into, int at) {
        byte[] bytes = new byte[length];
        images.copy(i, bytes, 0);
        for (int k = 0; k < length; k++) {
            into[at + k] = bytes[k] & 255;
        }
    }

    /** An image of any rows of pixels as bytes. */
    static byte[] bytes(Rows pixels, int i) {
        float[] row = pixels.row(i);
        byte[] bytes = new byte[row.length];
        for (int k = 0; k < bytes.length; k++) {
            bytes[k] = (byte) row[k];
        }
        return bytes;
    }
}
