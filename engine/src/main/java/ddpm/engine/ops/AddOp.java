package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Tensor;
import java.util.List;

/** y = a + b, b of the shape of a, or [N,C] or [C] for all pixels of a [N,..,C]: so the time projection joins an image. Keeps nothing. */
public record AddOp(Spread spread, Tensor a, Tensor b) implements Op {
    public static Tensor apply(Tensor a, Tensor b) {
        Spread spread = Spread.of("add", a, b);
        Tensor y = a.scope().allocate(a.shape(), DType.F32, Check.anyRequiresGrad(a, b));
        spread.add(a, b, y);
        return Tape.record(new AddOp(spread, a, b), y);
    }

    /** As {@link #apply}, the result takes over the memory of {@code a}. */
    public static Tensor applyInPlace(Tensor a, Tensor b) {
        return inPlace("addInPlace", Spread.of("add", a, b), a, b);
    }

    /** As {@link #apply} of an image x and b [N,C]. */
    public static Tensor perImage(Tensor x, Tensor b) {
        checkPerImage(x, b);
        return apply(x, b);
    }

    /** As {@link #perImage}, the result takes over the memory of {@code x}. */
    public static Tensor perImageInPlace(Tensor x, Tensor b) {
        checkPerImage(x, b);
        return inPlace("addPerImageInPlace", Spread.of("addPerImage", x, b), x, b);
    }

    private static void checkPerImage(Tensor x, Tensor b) {
        Check.operands("addPerImage", x, b);
        Nhwc g = x.nhwc("addPerImage");
        Check.shape("addPerImage", x, "b", b, g.n(), g.c());
    }

    private static Tensor inPlace(String op, Spread spread, Tensor a, Tensor b) {
        Check.inPlace(op, a);
        spread.add(a, b, a);
        return Tape.record(new AddOp(spread, a, b), a.scope().takeOver(a, Check.anyRequiresGrad(a, b)));
    }

    @Override
    public List<Tensor> reads() {
        return List.of();
    }

    @Override
    public void backward(Tensor dy, Gradients into) {
        into.share(a, dy);
        if (spread.whole()) {
            into.share(b, dy);
        } else if (into.wants(b)) {
            Tensor db = into.like(b);
            spread.sum(dy, db);
            into.add(b, db);
        }
    }
}
