package ddpm.model;

import ddpm.diffusion.Condition;
import ddpm.engine.backend.LayoutOps.Padding;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import java.util.function.UnaryOperator;

/**
 * What networks ask of their inputs, and images whose size they do not halve evenly.
 *
 * @param name of the network, for messages
 * @param channels of an image
 * @param classes that it knows; 0 for none
 */
public record Inputs(String name, int channels, int classes) {
    /**
     * Returns where they fit.
     *
     * @param x [N,H,W,channels]
     * @param time F32 [N]
     * @throws TensorException naming what does not
     */
    public void check(Tensor x, Tensor time, Condition condition) {
        Nhwc g = x.nhwc(name);
        if (g.c() != channels) {
            throw new TensorException(
                    name + ": x=" + x.shape() + " has " + g.c() + " channels, the model im_channels=" + channels);
        }
        if (time.dtype() != DType.F32 || !time.shape().equals(Shape.of(g.n()))) {
            throw new TensorException(
                    name + ": needs one time per image, F32 [" + g.n() + "], got " + time.dtype() + " " + time.shape());
        }
        if (condition.hasLabels() && classes == 0) {
            throw new TensorException(name + ": labels " + condition.label().shape()
                    + " for a network without classes; set model.classes, or give Condition.NONE");
        }
        if (condition.hasLabels() && condition.label().count() != g.n()) {
            throw new TensorException(name + ": needs one label per image, I32 [" + g.n() + "], got "
                    + condition.label().shape());
        }
    }

    /**
     * {@code network} of images whose sides {@code factor} divides: around others zeros are added, which are cut off the result.
     *
     * @param x [N,H,W,C]; stays the caller's
     */
    public static Tensor padded(Tensor x, long factor, UnaryOperator<Tensor> network) {
        Padding padding = toMultiple(x.nhwc("pad"), factor);
        if (padding.isNone()) {
            return network.apply(x);
        }
        return x.pad(padding).into(network).into(y -> y.crop(padding));
    }

    private static Padding toMultiple(Nhwc x, long factor) {
        long rows = Math.floorMod(-x.h(), factor);
        long columns = Math.floorMod(-x.w(), factor);
        return new Padding(rows / 2, rows - rows / 2, columns / 2, columns - columns / 2);
    }
}
