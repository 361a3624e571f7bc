package ddpm.engine.backend;

/** Rows and columns added to (or cut from) the four sides of each image. */
public record Padding(long top, long bottom, long left, long right) {
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
