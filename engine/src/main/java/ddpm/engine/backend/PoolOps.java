package ddpm.engine.backend;

/**
 * Maxima and means of windows of images. Windows lie inside the image, {@link Pool#stride} apart; what the last one does not
 * reach has no part in the result and a gradient of 0. Every device gives the same bits, unless 0 and -0 are in one window.
 */
public interface PoolOps {
    /**
     * y[n,i,j,c] = the largest of x[n, i*stride.h + k, j*stride.w + l, c] over the k, l of the window; NaN is the largest.
     *
     * @param x in, g.x()
     * @param y out, g.y()
     * @param place out, U8 of g.y(): k * window.w + l of the largest, of equals of the first in this order; read by the backward
     */
    void max(Pool g, Buffer x, Buffer y, Buffer place);

    /**
     * dx[n,h,w,c] = sum of dy over the windows whose place this is, first row and first column of windows first.
     *
     * @param place in, U8 of g.y(), from {@link #max}
     * @param dy in, g.y()
     * @param dx out, g.x()
     */
    void maxBackward(Pool g, Buffer place, Buffer dy, Buffer dx);

    /**
     * y[n,i,j,c] = (sum of x over the window, row by row) * (1 / its pixels).
     *
     * @param x in, g.x()
     * @param y out, g.y()
     */
    void mean(Pool g, Buffer x, Buffer y);

    /**
     * dx[n,h,w,c] = (sum of dy over the windows that hold this pixel, first row and first column first) * (1 / pixels of a window).
     *
     * @param dy in, g.y()
     * @param dx out, g.x()
     */
    void meanBackward(Pool g, Buffer dy, Buffer dx);

    /**
     * Geometry of windows over images.
     *
     * @param x extents of the images
     * @param window extents of a window, at most those of an image
     * @param stride distance between windows, from 1
     */
    record Pool(Nhwc x, Hw window, Hw stride) {
        /** Most pixels of a window whose places a byte can tell. */
        public static final int MOST_PLACES = 256;

        /** Extents of the result: every window that lies inside the image. */
        public Nhwc y() {
            return new Nhwc(
                    x.n(),
                    Math.floorDiv(x.h() - window.h(), stride.h()) + 1,
                    Math.floorDiv(x.w() - window.w(), stride.w()) + 1,
                    x.c());
        }

        /** One over the pixels of a window. */
        public float share() {
            return 1f / (window.h() * window.w());
        }

        /** First of the windows, in rows of them, that hold row {@code h} of an image; none where it is above {@link #last}. */
        public long first(long h) {
            return h < window.h() ? 0 : (h - window.h()) / stride.h() + 1;
        }

        /** Last of the windows, in rows of them, that hold row {@code h} of an image. */
        public long last(long h) {
            return Math.min(h / stride.h(), y().h() - 1);
        }
    }
}
