package ddpm.engine.ops;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.autograd.Op;
import ddpm.engine.autograd.Tape;
import ddpm.engine.backend.HybridLoss;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import java.util.List;

/**
 * loss = mean over images of weight * mean((F - target)^2) + bound * mean(nats), a scalar; see {@link
 * ddpm.engine.backend.LossOps#hybrid}. The nats teach v alone: in them F is a constant. Keeps the output and the batch.
 * Nichol &amp; Dhariwal 2021, equation 16.
 *
 * @param pred [N,H,W,2C]: of each pixel F, then v
 * @param batch without gradients
 * @param table F32 [rows,8]
 */
public record HybridLossOp(HybridLoss geometry, Tensor pred, QSample.Batch batch, Tensor table) implements Op {
    /** @param perImage out, [N]: what each image adds to the mean */
    public static Tensor apply(Tensor pred, QSample.Batch batch, Tensor table, Tensor perImage) {
        Check.operands("hybridLoss", pred, batch.target(), batch.xt(), batch.weight(), table, perImage);
        Nhwc x = batch.target().nhwc("hybridLoss");
        Check.shape("hybridLoss", batch.target(), "the output", pred, x.n(), x.h(), x.w(), 2 * x.c());
        Check.sameShape("hybridLoss", batch.target(), batch.xt());
        Check.shape("hybridLoss", batch.target(), "weight", batch.weight(), x.n());
        Check.shape("hybridLoss", batch.target(), "perImage", perImage, x.n());
        if (batch.row().dtype() != DType.I32 || !batch.row().shape().equals(Shape.of(x.n()))) {
            throw new TensorException("hybridLoss: needs rows I32 [" + x.n() + "], got "
                    + batch.row().dtype() + " " + batch.row().shape());
        }
        if (table.shape().rank() != 2 || table.shape().dim(1) != HybridLoss.COLUMNS) {
            throw new TensorException(
                    "hybridLoss: needs a table [rows," + HybridLoss.COLUMNS + "], got " + table.shape());
        }
        HybridLoss g = new HybridLoss(x, Math.toIntExact(table.shape().dim(0)));
        Tensor loss = pred.scope().allocate(Shape.of(), DType.F32, pred.requiresGrad());
        pred.backend()
                .loss()
                .hybrid(
                        g,
                        pred.buffer(),
                        batch.target().buffer(),
                        batch.xt().buffer(),
                        batch.weight().buffer(),
                        batch.row().buffer(),
                        table.buffer(),
                        perImage.buffer(),
                        loss.buffer());
        return Tape.record(new HybridLossOp(g, pred, batch, table), loss);
    }

    @Override
    public List<Tensor> reads() {
        return List.of(pred, batch.target(), batch.xt(), batch.weight(), batch.row(), table);
    }

    @Override
    public void backward(Tensor dloss, Gradients into) {
        if (into.wants(pred)) {
            Tensor d = into.like(pred);
            pred.backend()
                    .loss()
                    .hybridBackward(
                            geometry,
                            pred.buffer(),
                            batch.target().buffer(),
                            batch.xt().buffer(),
                            batch.weight().buffer(),
                            batch.row().buffer(),
                            table.buffer(),
                            dloss.buffer(),
                            d.buffer());
            into.add(pred, d);
        }
    }
}
