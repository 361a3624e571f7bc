package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.backend.Buffer;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * loss = mean over images of weight * mean((pred - target)^2), a scalar. Keeps all three. Ho et al. 2020, equation 14 with
 * pred = predicted eps and weights of one.
 *
 * @param weight [N], without a gradient; null for the mean over everything
 */
public record MseOp(Tensor pred, Tensor target, Tensor weight) implements Op {
    public static Tensor apply(Tensor pred, Tensor target) {
        Check.operands("mse", pred, target);
        Check.sameShape("mse", pred, target);
        return loss(new MseOp(pred, target, null), null);
    }

    /** @param pred [N,...] @param weight [N] @param perImage out, [N]: the images' errors without their weights */
    public static Tensor apply(Tensor pred, Tensor target, Tensor weight, Tensor perImage) {
        Check.operands("mse", pred, target, weight, perImage);
        Check.sameShape("mse", pred, target);
        Check.atLeastRank1("mse", pred);
        Check.shape("mse", pred, "weight", weight, pred.shape().dim(0));
        Check.shape("mse", pred, "perImage", perImage, pred.shape().dim(0));
        return loss(new MseOp(pred, target, weight), perImage);
    }

    private static Tensor loss(MseOp op, Tensor perImage) {
        Tensor pred = op.pred();
        Tensor loss = pred.scope().allocate(Shape.of(), DType.F32, Check.anyRequiresGrad(pred, op.target()));
        pred.backend()
                .loss()
                .mse(
                        op.images(),
                        op.length(),
                        pred.buffer(),
                        op.target().buffer(),
                        op.weights(),
                        perImage == null ? null : perImage.buffer(),
                        loss.buffer());
        return Tape.record(op, loss);
    }

    private long images() {
        return weight == null ? 1 : weight.count();
    }

    private long length() {
        return pred.count() / images();
    }

    private Buffer weights() {
        return weight == null ? null : weight.buffer();
    }

    @Override
    public List<Tensor> reads() {
        return Stream.of(pred, target, weight).filter(Objects::nonNull).toList();
    }

    @Override
    public void backward(Tensor dloss, Gradients into) {
        gradient(pred, target, dloss, into);
        gradient(target, pred, dloss, into); // the loss is symmetric
    }

    private void gradient(Tensor of, Tensor other, Tensor dloss, Gradients into) {
        if (into.wants(of)) {
            Tensor d = into.like(of);
            of.backend()
                    .loss()
                    .mseBackward(
                            images(), length(), of.buffer(), other.buffer(), weights(), dloss.buffer(), d.buffer());
            into.add(of, d);
        }
    }
}
