package ddpm.engine.backend.cpu.conv;

import static org.bytedeco.dnnl.global.dnnl.*;

import ddpm.engine.backend.ConvOps.ConvSpec;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cpu.onednn.Dnnl;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_desc;

/**
 * oneDNN's descriptors of one convolution in its three passes. What a pass multiplies has the type of the precision,
 * what it gives is F32.
 */
final class ConvDescriptors {
    /** x as it is stored. */
    final dnnl_memory_desc x;

    final dnnl_memory_desc dx;
    final dnnl_memory_desc y;
    /** x and y as operands of a product. */
    final dnnl_memory_desc xOperand;

    final dnnl_memory_desc yOperand;
    final dnnl_memory_desc bias;
    /** The engine's weights. */
    final dnnl_memory_desc plainWeights;

    private final dnnl_memory_desc weightsOperand;
    private final dnnl_memory_desc weightsGradient;
    private final boolean transposed;
    private final long[] strides;
    private final long[] dilations = {0, 0};
    private final long[] padding;

    ConvDescriptors(ConvSpec g, Precision precision) {
        int type = Dnnl.operandType(precision);
        this.x = Dnnl.image(Dnnl.operandType(g.operand()), g.x());
        this.dx = Dnnl.image(dnnl_f32, g.x());
        this.y = Dnnl.image(dnnl_f32, g.y());
        this.xOperand = Dnnl.image(type, g.x());
        this.yOperand = Dnnl.image(type, g.y());
        this.bias = Dnnl.vector(g.y().c());
        // logical extents are O,I,kh,kw; the engine stores [O,kh,kw,I], transposed [I,kh,kw,O]
        long[] extents = {g.y().c(), g.x().c(), g.kernel().h(), g.kernel().w()};
        this.plainWeights = Dnnl.tagged(g.transposed() ? dnnl_bcda : dnnl_acdb, extents);
        this.weightsOperand = Dnnl.typed(type, dnnl_format_tag_any, extents);
        this.weightsGradient = Dnnl.tagged(dnnl_format_tag_any, extents);
        this.transposed = g.transposed();
        this.strides = new long[] {g.stride().h(), g.stride().w()};
        this.padding = new long[] {g.padding().h(), g.padding().w()};
    }

    /** From xOperand and weights to y. */
    dnnl_primitive_desc forward() {
        return forward(y);
    }

    private dnnl_primitive_desc forward(dnnl_memory_desc to) {
        dnnl_primitive_desc pd = new dnnl_primitive_desc();
        Dnnl.check(
                transposed
                        ? dnnl_deconvolution_forward_primitive_desc_create(
                                pd,
                                Dnnl.engine(),
                                dnnl_forward_training,
                                dnnl_deconvolution_direct,
                                xOperand,
                                weightsOperand,
                                bias,
                                to,
                                strides,
                                dilations,
                                padding,
                                padding,
                                Dnnl.attributes())
                        : dnnl_convolution_forward_primitive_desc_create(
                                pd,
                                Dnnl.engine(),
                                dnnl_forward_training,
                                dnnl_convolution_direct,
                                xOperand,
                                weightsOperand,
                                bias,
                                to,
                                strides,
                                dilations,
                                padding,
                                padding,
                                Dnnl.attributes()),
                "convolution forward");
        return pd;
    }

    /** From yOperand (dy) and weights to dx. */
    dnnl_primitive_desc backwardData() {
        dnnl_primitive_desc pd = new dnnl_primitive_desc();
        dnnl_primitive_desc hint = forward(yOperand);
        Dnnl.check(
                transposed
                        ? dnnl_deconvolution_backward_data_primitive_desc_create(
                                pd,
                                Dnnl.engine(),
                                dnnl_deconvolution_direct,
                                dx,
                                weightsOperand,
                                yOperand,
                                strides,
                                dilations,
                                padding,
                                padding,
                                hint,
                                Dnnl.attributes())
                        : dnnl_convolution_backward_data_primitive_desc_create(
                                pd,
                                Dnnl.engine(),
                                dnnl_convolution_direct,
                                dx,
                                weightsOperand,
                                yOperand,
                                strides,
                                dilations,
                                padding,
                                padding,
                                hint,
                                Dnnl.attributes()),
                "convolution backward data");
        dnnl_primitive_desc_destroy(hint);
        return pd;
    }

    /** From xOperand and yOperand (dy) to the gradients of weights and bias. */
    dnnl_primitive_desc backwardWeights() {
        dnnl_primitive_desc pd = new dnnl_primitive_desc();
        dnnl_primitive_desc hint = forward(yOperand);
        Dnnl.check(
                transposed
                        ? dnnl_deconvolution_backward_weights_primitive_desc_create(
                                pd,
                                Dnnl.engine(),
                                dnnl_deconvolution_direct,
                                xOperand,
                                weightsGradient,
                                bias,
                                yOperand,
                                strides,
                                dilations,
                                padding,
                                padding,
                                hint,
                                Dnnl.attributes())
                        : dnnl_convolution_backward_weights_primitive_desc_create(
                                pd,
                                Dnnl.engine(),
                                dnnl_convolution_direct,
                                xOperand,
                                weightsGradient,
                                bias,
                                yOperand,
                                strides,
                                dilations,
                                padding,
                                padding,
                                hint,
                                Dnnl.attributes()),
                "convolution backward weights");
        dnnl_primitive_desc_destroy(hint);
        return pd;
    }
}
