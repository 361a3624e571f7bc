package ddpm.engine.ops;

import ddpm.engine.backend.ElementwiseOps.Pair;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;

/**
 * How the second operand of a pair lies over the first, x [N,..,C]: element by element, as a vector for each image, [N,C], or as one
 * for all, [C].
 *
 * @param x its images, pixels and channels
 * @param vectors N, 1, or 0 where there is an element for each of x
 */
public record Spread(Nhwc x, long vectors) {
    /** @throws TensorException where b lies over x in none of these ways */
    static Spread of(String op, Tensor x, Tensor b) {
        Check.operands(op, x, b);
        int rank = x.shape().rank();
        long c = rank == 0 ? 1 : x.shape().dim(-1);
        long images = rank < 3 ? 1 : x.shape().dim(0);
        Nhwc g = new Nhwc(images, x.count() / (images * c), 1, c);
        if (b.shape().equals(x.shape())) {
            return new Spread(g, 0);
        }
        if (rank > 1 && b.shape().equals(Shape.of(c))) {
            return new Spread(g, 1);
        }
        if (rank > 2 && b.shape().equals(Shape.of(images, c))) {
            return new Spread(g, images);
        }
        throw new TensorException(op + ": shapes differ, " + x.shape() + " and " + b.shape()
                + "; pad, crop or slice one to the other's, or let the second be [C] or [N,C] of the first");
    }

    /** Whether there is an element of b for each of x. */
    boolean whole() {
        return vectors == 0;
    }

    /** x as so many images as there are vectors. */
    private Nhwc images() {
        return vectors == x.n() ? x : new Nhwc(1, x.n() * x.pixels(), 1, x.c());
    }

    /** y = a + b. */
    void add(Tensor a, Tensor b, Tensor y) {
        if (whole()) {
            y.backend().elementwise().add(y.count(), a.buffer(), b.buffer(), y.buffer());
        } else {
            y.backend().elementwise().addPerImage(images(), a.buffer(), b.buffer(), y.buffer());
        }
    }

    /** y = a - b, a * b or a / b. */
    void combine(Pair pair, Tensor a, Tensor b, Tensor y) {
        if (whole()) {
            y.backend().elementwise().combine(pair, y.count(), a.buffer(), b.buffer(), y.buffer());
        } else {
            y.backend().elementwise().combinePerImage(pair, images(), a.buffer(), b.buffer(), y.buffer());
        }
    }

    /** db = the sums of dy over what each element of b lay on. Not where b is whole: there dy is that already. */
    void sum(Tensor dy, Tensor db) {
        overImages(db, sums -> dy.backend().elementwise().sumPixels(x, dy.buffer(), sums.buffer()));
    }

    /** d = the sums of u * v over what each element of b lay on. */
    void sumProducts(Tensor u, Tensor v, Tensor d) {
        if (whole()) {
            combine(Pair.MULTIPLY, u, v, d);
        } else {
            overImages(d, sums -> d.backend().elementwise().sumPixelProducts(x, u.buffer(), v.buffer(), sums.buffer()));
        }
    }

    private interface Sums {
        /** @param into out, [N,C] */
        void of(Tensor into);
    }

    /** One vector's are the sums of the images' sums: many short ones, which a device makes side by side. */
    private void overImages(Tensor d, Sums sums) {
        if (vectors == x.n()) {
            sums.of(d);
            return;
        }
        Tensor perImage = d.scope().empty(Shape.of(x.n(), x.c()));
        sums.of(perImage);
        d.backend().elementwise().sumPixels(new Nhwc(1, x.n(), 1, x.c()), perImage.buffer(), d.buffer());
        perImage.release();
    }
}
