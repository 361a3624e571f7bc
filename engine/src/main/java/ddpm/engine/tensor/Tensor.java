package ddpm.engine.tensor;

import ddpm.engine.backend.Backend;
import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.Hw;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.NormOps.Activation;
import ddpm.engine.ops.AddGatedOp;
import ddpm.engine.ops.AddOp;
import ddpm.engine.ops.AttentionOp;
import ddpm.engine.ops.ConcatChannelsOp;
import ddpm.engine.ops.Conv2dOp;
import ddpm.engine.ops.ConvTranspose2dOp;
import ddpm.engine.ops.CrossEntropyOp;
import ddpm.engine.ops.DropoutOp;
import ddpm.engine.ops.EmbeddingOp;
import ddpm.engine.ops.GroupNormOp;
import ddpm.engine.ops.HybridLossOp;
import ddpm.engine.ops.LayerNormOp;
import ddpm.engine.ops.LinearOp;
import ddpm.engine.ops.MatmulOp;
import ddpm.engine.ops.ModulateOp;
import ddpm.engine.ops.MseOp;
import ddpm.engine.ops.QSample;
import ddpm.engine.ops.ReshapeOp;
import ddpm.engine.ops.ScaleOp;
import ddpm.engine.ops.SiluOp;
import ddpm.engine.ops.SliceOp;
import ddpm.engine.ops.SoftmaxOp;
import ddpm.engine.ops.StackOp;
import ddpm.engine.ops.SumOp;
import ddpm.engine.ops.TimestepEmbedding;
import ddpm.engine.ops.TransposeOp;
import ddpm.engine.random.Stream;
import java.util.function.UnaryOperator;

/**
 * A dense array on a backend, row-major; images are [N,H,W,C].
 *
 * <p>A tensor lives in a {@link Scope} and dies with it. The result of an operation lives in the scope of the tensor
 * it was called on; {@link #in} puts a long-lived tensor (data, a parameter) into a step's scope for that purpose. Using
 * a tensor after its end throws {@link TensorException} with the reason.
 */
public final class Tensor implements Arithmetic, ImageOperations {
    private final Scope scope;
    private final Shape shape;
    private final DType dtype;
    private final boolean requiresGrad;
    private final Tensor origin; // the owner of the memory: this, or the tensor seen through in()
    private Memory memory;
    private String end; // why the memory is gone; null while the tensor is usable

    Tensor(Scope scope, Shape shape, DType dtype, boolean requiresGrad, Memory memory) {
        this.scope = scope;
        this.shape = shape;
        this.dtype = dtype;
        this.requiresGrad = requiresGrad;
        this.origin = this;
        this.memory = memory;
    }

    Tensor(Scope scope, Tensor origin) {
        this.scope = scope;
        this.shape = origin.shape;
        this.dtype = origin.dtype;
        this.requiresGrad = origin.requiresGrad;
        this.origin = origin;
    }

    public Shape shape() {
        return shape;
    }

    public long count() {
        return shape.count();
    }

    public DType dtype() {
        return dtype;
    }

    public Scope scope() {
        return scope;
    }

    public Backend backend() {
        return scope.backend();
    }

    /** Whether the tape computes a gradient for this tensor. */
    public boolean requiresGrad() {
        return requiresGrad;
    }

    /** @throws TensorException when the extents are not four: {@code op} names who asked */
    public Nhwc nhwc(String op) {
        if (shape.rank() != 4) {
            throw new TensorException(op + ": needs an image tensor [N,H,W,C], got " + shape);
        }
        return new Nhwc(shape.dim(0), shape.dim(1), shape.dim(2), shape.dim(3));
    }

    /** The memory behind the tensor. @throws TensorException after the tensor's end */
    public Buffer buffer() {
        return memory().buffer();
    }

    Memory memory() {
        if (end != null) {
            throw new TensorException("tensor " + shape + " used after its end: " + end);
        }
        return origin == this ? memory : origin.memory();
    }

    /** Whether another tensor sees the same memory: this one was reshaped, or came from one that was. */
    public boolean sharesMemory() {
        return memory().isShared();
    }

    /** The tensor that owns the memory; gradients belong to it. */
    public Tensor origin() {
        return origin;
    }

    // ---- host transfer ----

    /** The values, row-major. */
    public float[] toFloats() {
        float[] host = new float[Math.toIntExact(count())];
        backend().memory().download(require(DType.F32).buffer(), host);
        return host;
    }

    public int[] toInts() {
        int[] host = new int[Math.toIntExact(count())];
        backend().memory().download(require(DType.I32).buffer(), host);
        return host;
    }

    /** The value of a tensor with one element. */
    public float item() {
        if (count() != 1) {
            throw new TensorException("item: needs one element, got " + shape);
        }
        return toFloats()[0];
    }

    // ---- life ----

    /** The same memory seen from another scope: operations on the result allocate there. The owner is unchanged. */
    public Tensor in(Scope other) {
        if (other.backend() != backend()) {
            throw new TensorException(
                    "in: tensor " + shape + " lives on " + backend().name() + ", the scope on "
                            + other.backend().name() + "; copy it with toFloats and Scope.tensor");
        }
        return other.borrow(this);
    }

    /** Gives the memory back before the scope ends; the tensor cannot be used afterwards. */
    public void release() {
        scope.release(this, "released");
    }

    /** Says that the caller reads this value no more: freed at once, or by the tape if a backward reads it. */
    public void discard() {
        if (scope.tape() == null || !scope.tape().reads(this)) {
            release();
        }
    }

    /**
     * What {@code next} makes of this tensor, which is {@linkplain #discard discarded} then, unless it is the result.
     */
    public Tensor into(UnaryOperator<Tensor> next) {
        Tensor y = next.apply(this);
        if (y != this) { // as of a dropout that does not train
            discard();
        }
        return y;
    }

    boolean usable() {
        return end == null;
    }

    Memory end(String reason) {
        Memory m = memory;
        end = reason;
        memory = null;
        return m;
    }

    private Tensor require(DType wanted) {
        if (dtype != wanted) {
            throw new TensorException("tensor " + shape + " is " + dtype + ", needed is " + wanted);
        }
        return this;
    }

    // ---- operations; each is documented at its op; those of images alone are in ImageOperations ----

    public Tensor conv2d(Tensor w, Tensor b, int stride, int padding) {
        return Conv2dOp.apply(this, w, b, Hw.square(stride), Hw.square(padding));
    }

    public Tensor conv2d(Tensor w, Tensor b, Hw stride, Hw padding) {
        return Conv2dOp.apply(this, w, b, stride, padding);
    }

    public Tensor convTranspose2d(Tensor w, Tensor b, int stride, int padding) {
        return ConvTranspose2dOp.apply(this, w, b, Hw.square(stride), Hw.square(padding));
    }

    public Tensor linear(Tensor w, Tensor b) {
        return LinearOp.apply(this, w, b);
    }

    /** As {@link #linear}, stored as this tensor is, for attention: no other operation takes the result. */
    public Tensor linearOperand(Tensor w, Tensor b) {
        return LinearOp.operand(this, w, b);
    }

    /** Of matrices, or of each matrix of a batch. */
    public Tensor matmul(Tensor other) {
        return MatmulOp.apply(this, other);
    }

    public Tensor groupNorm(Tensor gamma, Tensor beta, int groups, float eps) {
        return GroupNormOp.apply(this, gamma, beta, groups, eps, Activation.NONE);
    }

    /** As {@link #groupNorm}, stored for products: only {@code linear}, {@code linearOperand} and {@code conv2d} take it. */
    public Tensor groupNormOperand(Tensor gamma, Tensor beta, int groups, float eps) {
        return GroupNormOp.operand(this, gamma, beta, groups, eps, Activation.NONE);
    }

    /** silu(groupNorm(x)), fused. */
    public Tensor groupNormSilu(Tensor gamma, Tensor beta, int groups, float eps) {
        return GroupNormOp.apply(this, gamma, beta, groups, eps, Activation.SILU);
    }

    /** As {@link #groupNormSilu}, stored for products: only {@code conv2d} and {@code linear} take it. */
    public Tensor groupNormSiluOperand(Tensor gamma, Tensor beta, int groups, float eps) {
        return GroupNormOp.operand(this, gamma, beta, groups, eps, Activation.SILU);
    }

    /** Each row of the last extent normalised. */
    public Tensor layerNorm(float eps) {
        return LayerNormOp.apply(this, null, null, eps);
    }

    /** As {@link #layerNorm(float)}, times gamma plus beta. */
    public Tensor layerNorm(Tensor gamma, Tensor beta, float eps) {
        return LayerNormOp.apply(this, gamma, beta, eps);
    }

    public Tensor silu() {
        return SiluOp.apply(this);
    }

    public Tensor attention(int heads) {
        return AttentionOp.apply(this, heads);
    }

    /** Along the last extent. */
    public Tensor softmax() {
        return SoftmaxOp.apply(this);
    }

    /** Of a tensor of this shape, or of [C] or [N,C] to all pixels of this [N,..,C]; so {@link #sub}, {@link #mul} and {@link #div}. */
    public Tensor add(Tensor other) {
        return AddOp.apply(this, other);
    }

    /** As {@link #add}, writing over this tensor's memory: this tensor ends here, the result takes its place. */
    public Tensor addInPlace(Tensor other) {
        return AddOp.applyInPlace(this, other);
    }

    public Tensor addPerImage(Tensor perImage) {
        return AddOp.perImage(this, perImage);
    }

    /** As {@link #addPerImage}, writing over this tensor's memory: this tensor ends here. */
    public Tensor addPerImageInPlace(Tensor perImage) {
        return AddOp.perImageInPlace(this, perImage);
    }

    /** Times 1 + the first half of {@code perImage} [N,2C], plus its second half. */
    public Tensor modulate(Tensor perImage) {
        return ModulateOp.apply(this, perImage);
    }

    /** Plus {@code other} times {@code gate} [N,C]. */
    public Tensor addGated(Tensor other, Tensor gate) {
        return AddGatedOp.apply(this, other, gate);
    }

    /** A share of the values 0 by chance while the scope {@linkplain Scope#training trains}, else this tensor itself. */
    public Tensor dropout(double share, long seed, Stream stream) {
        return DropoutOp.apply(this, share, seed, stream);
    }

    public Tensor scale(float factor) {
        return ScaleOp.apply(this, factor);
    }

    public Tensor concatChannels(Tensor other) {
        return ConcatChannelsOp.apply(this, other);
    }

    public Tensor sliceChannels(long from, long to) {
        return SliceOp.channels(this, from, to);
    }

    /** The elements from .. to-1 of an extent. @param axis from 0, or from the end: -1 is the innermost */
    public Tensor slice(int axis, long from, long to) {
        return SliceOp.apply(this, axis, from, to);
    }

    /** Of the last two extents. */
    public Tensor transpose() {
        return TransposeOp.apply(this);
    }

    /** This, then {@code second}, then {@code third}, all of one shape, along the first extent. */
    public Tensor stack(Tensor second, Tensor third) {
        return StackOp.apply(this, second, third);
    }

    /** The same values with other extents, in the same memory. */
    public Tensor reshape(long... extents) {
        return ReshapeOp.apply(this, Shape.of(extents));
    }

    public Tensor mse(Tensor target) {
        return MseOp.apply(this, target);
    }

    /** Of images with weights. @param perImage out, [N]: their errors without the weights */
    public Tensor mse(Tensor target, Tensor weight, Tensor perImage) {
        return MseOp.apply(this, target, weight, perImage);
    }

    /** Of [..,classes], the mean of -log softmax at each row's label. @param label I32 [rows] */
    public Tensor crossEntropy(Tensor label) {
        return CrossEntropyOp.apply(this, label);
    }

    /**
     * The loss of a network that learns the variance too, see {@link HybridLossOp}.
     *
     * @param batch what the network was shown and should have said
     * @param table F32 [rows,8], see {@link ddpm.engine.backend.HybridLoss}
     * @param perImage out, [N]: what each image adds to the mean
     */
    public Tensor hybridLoss(QSample.Batch batch, Tensor table, Tensor perImage) {
        return HybridLossOp.apply(this, batch, table, perImage);
    }

    public Tensor sum() {
        return SumOp.sum(this);
    }

    public Tensor mean() {
        return SumOp.mean(this);
    }

    /** Of labels, the rows of a table that they name. */
    public Tensor embedding(Tensor table) {
        return EmbeddingOp.apply(this, table);
    }

    public Tensor timestepEmbedding(int dim) {
        return TimestepEmbedding.apply(this, dim, 0, false);
    }

    /** As {@link #timestepEmbedding(int)}, periods spread over dim/2 - shift, the cosines first where asked. */
    public Tensor timestepEmbedding(int dim, float shift, boolean cosinesFirst) {
        return TimestepEmbedding.apply(this, dim, shift, cosinesFirst);
    }

    @Override
    public String toString() {
        return "Tensor" + shape + (end == null ? "" : " (ended: " + end + ")");
    }
}
