package ddpm.engine.backend;

/** Moving elements without computing, and the sums that are the gradients of moving. */
public interface LayoutOps {
    /** y[p] = a[p] followed by b[p] for each pixel. @param pixels N*H*W @param a [pixels,ca] @param b [pixels,cb] */
    void concatChannels(long pixels, long ca, Buffer a, long cb, Buffer b, Buffer y);

    /** y[p,c] = x[p,from+c]. @param x [pixels,cx] @param y out, [pixels,cy], from + cy &lt;= cx */
    void sliceChannels(long pixels, long cx, long from, long cy, Buffer x, Buffer y);

    /** The backward of {@link #sliceChannels}: dx is dy in the channels from .. from+cy-1 and zero elsewhere. */
    void sliceChannelsBackward(long pixels, long cx, long from, long cy, Buffer dy, Buffer dx);

    /** y[b,j,i] = x[b,i,j]. @param x [batch,rows,columns] @param y out, [batch,columns,rows], not x */
    void transpose(long batch, long rows, long columns, Buffer x, Buffer y);

    /** y = a, b and c one after the other. @param n elements of each @param y out, 3n elements */
    void stack(long n, Buffer a, Buffer b, Buffer c, Buffer y);

    /** a, b and c out of y: the backward of {@link #stack}. @param n elements of each */
    void unstack(long n, Buffer y, Buffer a, Buffer b, Buffer c);

    /** y = x with zeros around each image. @param x extents of x @param y out, padding.padded(x) */
    void pad(Nhwc g, Padding padding, Buffer x, Buffer y);

    /** y = the inside of x. @param g extents of x @param y out, padding.cropped(x) */
    void crop(Nhwc g, Padding padding, Buffer x, Buffer y);

    /** y[n,2h+i,2w+j,c] = x[n,h,w,c] for i, j of 0 and 1. @param g extents of x @param y out, [N,2H,2W,C] */
    void upsample(Nhwc g, Buffer x, Buffer y);

    /**
     * dx[n,h,w,c] = (dy[n,2h,2w,c] + dy[n,2h,2w+1,c]) + (dy[n,2h+1,2w,c] + dy[n,2h+1,2w+1,c]), in this order on every device.
     *
     * @param g extents of x
     * @param dy in, [N,2H,2W,C]
     */
    void upsampleBackward(Nhwc g, Buffer dy, Buffer dx);

    /** y[n,h*s+i,w*s+j,c] = x[n,h,w,(i*s+j)*C+c]. @param x in, [N,h,w,s*s*C] @param y out, the image */
    void depthToSpace(Squares g, Buffer x, Buffer y);

    /** The inverse of {@link #depthToSpace}, and its backward. @param y in, the image @param x out, [N,h,w,s*s*C] */
    void spaceToDepth(Squares g, Buffer y, Buffer x);

    /**
     * Images cut into squares.
     *
     * @param image extents of the images
     * @param side s, pixels of a square's side; divides height and width
     */
    record Squares(Nhwc image, long side) {
        /** Of images whose squares are the pixels of {@code x}, s*s*C channels each. */
        public static Squares of(Nhwc x, long side) {
            return new Squares(new Nhwc(x.n(), x.h() * side, x.w() * side, x.c() / (side * side)), side);
        }
    }

    /** Rows and columns added to (or cut from) the four sides of each image. */
    record Padding(long top, long bottom, long left, long right) {
        public boolean isNone() {
            return top == 0 && bottom == 0 && left == 0 && right == 0;
        }

        public Nhwc padded(Nhwc x) {
            return new Nhwc(x.n(), x.h() + top + bottom, x.w() + left + right, x.c());
        }

        public Nhwc cropped(Nhwc x) {
            return new Nhwc(x.n(), x.h() - top - bottom, x.w() - left - right, x.c());
        }
    }
}
