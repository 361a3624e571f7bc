package ddpm.engine.backend.cpu;

import static org.bytedeco.dnnl.global.dnnl.*;

import ddpm.engine.backend.Precision;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;

/** oneDNN's descriptors of one convolution in its three passes. */
final class ConvDescriptors {
    final dnnl_memory_desc x;
    final dnnl_memory_desc y;
    final dnnl_memory_desc bias;
    final dnnl_memory_desc plainWeights;
    private final dnnl_memory_desc anyWeights;
    private final boolean transposed;
    private final long[] strides;
    private final long[] dilations = {0, 0};
    private final long[] padding;
    private final Precision precision;

    ConvDescriptors(ConvGeometry g, Precision precision) {
        this.x = Dnnl.image(g.x());
        this.y = Dnnl.image(g.y());
        this.bias = Dnnl.vector(g.y().c());
        // logical extents are O,I,kh,kw; the engine stores [O,kh,kw,I], transposed [I,kh,kw,O]
        long[] extents = {g.y().c(), g.x().c(), g.kernel().h(), g.kernel().w()};
        this.plainWeights = Dnnl.tagged(g.transposed() ? dnnl_bcda : dnnl_acdb, extents);
        this.anyWeights = Dnnl.tagged(dnnl_format_tag_any, extents);
        this.transposed = g.transposed();
        this.strides = new long[] {g.stride().h(), g.stride().w()};
        this.padding = new long[] {g.padding().h(), g.padding().w()};
        this.precision = precision;
    }

    dnnl_primitive_desc forward() {
        dnnl_primitive_desc pd = new dnnl_primitive_desc();
        dnnl_primitive_attr attr = Dnnl.attributes(precision);
        int status = transposed
                ? dnnl_deconvolution_forward_primitive_desc_create(
                        pd,
                        Dnnl.engine(),
                        dnnl_forward_training,
                        dnnl_deconvolution_direct,
                        x,
                        anyWeights,
                        bias,
                        y,
                        strides,
                        dilations,
                        padding,
                        padding,
                        attr)
                : dnnl_convolution_forward_primitive_desc_create(
                        pd,
                        Dnnl.engine(),
                        dnnl_forward_training,
                        dnnl_convolution_direct,
                        x,
                        anyWeights,
                        bias,
                        y,
                        strides,
                        dilations,
                        padding,
                        padding,
                        attr);
        Dnnl.check(status, "convolution forward");
        return pd;
    }

    dnnl_primitive_desc backwardData() {
        dnnl_primitive_desc pd = new dnnl_primitive_desc();
        dnnl_primitive_desc hint = forward();
        dnnl_primitive_attr attr = Dnnl.attributes(precision);
        int status = transposed
                ? dnnl_deconvolution_backward_data_primitive_desc_create(
                        pd,
                        Dnnl.engine(),
                        dnnl_deconvolution_direct,
                        x,
                        anyWeights,
                        y,
                        strides,
                        dilations,
                        padding,
                        padding,
                        hint,
                        attr)
                : dnnl_convolution_backward_data_primitive_desc_create(
                        pd,
                        Dnnl.engine(),
                        dnnl_convolution_direct,
                        x,
                        anyWeights,
                        y,
                        strides,
                        dilations,
                        padding,
                        padding,
                        hint,
                        attr);
        Dnnl.check(status, "convolution backward data");
        dnnl_primitive_desc_destroy(hint);
        return pd;
    }

    dnnl_primitive_desc backwardWeights() {
        dnnl_primitive_desc pd = new dnnl_primitive_desc();
        dnnl_primitive_desc hint = forward();
        dnnl_primitive_attr attr = Dnnl.attributes(precision);
        int status = transposed
                ? dnnl_deconvolution_backward_weights_primitive_desc_create(
                        pd,
                        Dnnl.engine(),
                        dnnl_deconvolution_direct,
                        x,
                        anyWeights,
                        bias,
                        y,
                        strides,
                        dilations,
                        padding,
                        padding,
                        hint,
                        attr)
                : dnnl_convolution_backward_weights_primitive_desc_create(
                        pd,
                        Dnnl.engine(),
                        dnnl_convolution_direct,
                        x,
                        anyWeights,
                        bias,
                        y,
                        strides,
                        dilations,
                        padding,
                        padding,
                        hint,
                        attr);
        Dnnl.check(status, "convolution backward weights");
        dnnl_primitive_desc_destroy(hint);
        return pd;
    }
}
