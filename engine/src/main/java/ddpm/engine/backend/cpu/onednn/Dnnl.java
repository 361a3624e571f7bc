package ddpm.engine.backend.cpu.onednn;

import static org.bytedeco.dnnl.global.dnnl.*;

import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.Precision;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_attr;
import org.bytedeco.dnnl.dnnl_primitive_desc;

/** Entry to oneDNN's C interface: the engine, status codes, descriptors. The functions are documented at oneDNN. */
public final class Dnnl {
    private static dnnl_engine engine;
    private static dnnl_primitive_attr attributes;
    private static BackendException failure; // kept: a class that failed to load once does not say why again

    private Dnnl() {}

    public static synchronized dnnl_engine engine() {
        if (failure != null) {
            throw failure;
        }
        if (engine == null) {
            // JavaCPP would refuse native memory beyond the Java heap's limit
            System.setProperty("org.bytedeco.javacpp.maxBytes", "0");
            System.setProperty("org.bytedeco.javacpp.maxPhysicalBytes", "0");
            try {
                NativeCache.prepare(line -> System.err.println("ddpm: " + line));
                dnnl_engine e = new dnnl_engine();
                check(dnnl_engine_create(e, dnnl_cpu, 0), "engine");
                engine = e;
            } catch (LinkageError missing) {
                failure = NativeCache.failed(missing);
                throw failure;
            } catch (BackendException unusable) {
                failure = unusable;
                throw failure;
            }
        }
        return engine;
    }

    public static void check(int status, String what) {
        if (status != dnnl_success) {
            throw new BackendException(
                    "oneDNN " + what + ": " + statusName(status),
                    status == dnnl_out_of_memory ? "use a smaller batch" : "");
        }
    }

    private static String statusName(int status) {
        if (status == dnnl_out_of_memory) {
            return "out of memory";
        }
        if (status == dnnl_unimplemented) {
            return "not implemented for this geometry on this processor";
        }
        return status == dnnl_invalid_arguments ? "invalid arguments" : "status " + status;
    }

    /** Plain or library-chosen layout by tag, F32. @param dims logical extents, for images N,C,H,W whatever the tag */
    public static dnnl_memory_desc tagged(int tag, long... dims) {
        return typed(dnnl_f32, tag, dims);
    }

    /** As {@link #tagged} for another element type. */
    public static dnnl_memory_desc typed(int type, int tag, long... dims) {
        dnnl_memory_desc d = new dnnl_memory_desc();
        check(dnnl_memory_desc_create_with_tag(d, dims.length, dims, type, tag), "descriptor");
        return d;
    }

    /** The element type of a product's operands. */
    public static int operandType(Precision precision) {
        return precision == Precision.BF16 ? dnnl_bf16 : dnnl_f32;
    }

    public static dnnl_memory_desc strided(long[] dims, long[] strides) {
        return strided(dnnl_f32, dims, strides);
    }

    /** As {@link #strided} for another element type. */
    public static dnnl_memory_desc strided(int type, long[] dims, long[] strides) {
        dnnl_memory_desc d = new dnnl_memory_desc();
        check(dnnl_memory_desc_create_with_strides(d, dims.length, dims, type, strides), "descriptor");
        return d;
    }

    /** A dense vector. */
    public static dnnl_memory_desc vector(long n) {
        return tagged(dnnl_a, n);
    }

    public static dnnl_memory_desc image(int type, Nhwc x) {
        return typed(type, dnnl_nhwc, x.n(), x.c(), x.h(), x.w());
    }

    /** Attributes that say where scratch memory comes from, see {@link Primitive}: for descriptors, not to be changed. */
    public static synchronized dnnl_primitive_attr attributes() {
        if (attributes == null) {
            attributes = attributes(Precision.FP32);
        }
        return attributes;
    }

    /** New ones that carry the precision of products too; the caller may append post-operations, and destroys them. */
    public static dnnl_primitive_attr attributes(Precision precision) {
        dnnl_primitive_attr attr = new dnnl_primitive_attr();
        check(dnnl_primitive_attr_create(attr), "attributes");
        check(dnnl_primitive_attr_set_scratchpad_mode(attr, dnnl_scratchpad_mode_user), "scratch memory");
        if (precision == Precision.BF16) {
            check(dnnl_primitive_attr_set_fpmath_mode(attr, dnnl_fpmath_mode_bf16), "math mode");
        }
        return attr;
    }

    /** A copy of a layout that oneDNN chose: the descriptor's own dies with it. */
    public static dnnl_memory_desc layoutOf(dnnl_primitive_desc pd, int query) {
        dnnl_memory_desc copy = new dnnl_memory_desc();
        check(dnnl_memory_desc_clone(copy, dnnl_primitive_desc_query_md(pd, query, 0)), "descriptor");
        return copy;
    }

    /** Of images that lie dense, from the image to the channel. */
    public static long[] strides(Nhwc g) {
        return new long[] {g.pixels() * g.c(), g.w() * g.c(), g.c(), 1};
    }
}
