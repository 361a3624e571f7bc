package ddpm.engine.backend.cpu;

import static org.bytedeco.dnnl.global.dnnl.*;

import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * A oneDNN primitive with its memory objects, ready to run on any addresses of the right layout. Making one costs up to
 * a millisecond, running it some microseconds: {@link DnnlContext} keeps them. C handles are not garbage collected.
 */
final class Primitive implements AutoCloseable {
    /** One operand: a DNNL_ARG_ number and its layout. */
    record Arg(int id, dnnl_memory_desc layout) {}

    private final dnnl_primitive primitive = new dnnl_primitive();
    private final dnnl_stream stream;
    private final dnnl_exec_arg_t args;
    private final dnnl_memory[] memories;
    private final long[] addresses;
    private final Address address = new Address();
    private final String implementation;

    /** @param pd consumed: destroyed here */
    Primitive(DnnlContext context, dnnl_primitive_desc pd, Arg... operands) {
        this.stream = context.stream();
        Dnnl.check(dnnl_primitive_create(primitive, pd), "primitive");
        this.implementation = implementationOf(pd);
        dnnl_primitive_desc_destroy(pd);
        this.args = new dnnl_exec_arg_t(operands.length);
        this.memories = new dnnl_memory[operands.length];
        this.addresses = new long[operands.length];
        for (int i = 0; i < operands.length; i++) {
            memories[i] = new dnnl_memory();
            Dnnl.check(dnnl_memory_create(memories[i], operands[i].layout(), Dnnl.engine(), null), "memory");
            args.position(i).arg(operands[i].id()).memory(memories[i]);
        }
        args.position(0);
    }

    private static String implementationOf(dnnl_primitive_desc pd) {
        try (PointerPointer<BytePointer> name = new PointerPointer<>(1)) {
            Dnnl.check(dnnl_primitive_desc_query(pd, dnnl_query_impl_info_str, 0, name), "implementation name");
            return name.get(BytePointer.class, 0).getString();
        }
    }

    /** The name of oneDNN's implementation, such as {@code brgconv:avx512_core}. */
    String implementation() {
        return implementation;
    }

    /** Runs on the given addresses, one for each operand in the order of the constructor. */
    void run(long... operands) {
        for (int i = 0; i < operands.length; i++) {
            if (addresses[i] != operands[i]) {
                Dnnl.check(dnnl_memory_set_data_handle(memories[i], address.set(operands[i])), "memory");
                addresses[i] = operands[i];
            }
        }
        Dnnl.check(dnnl_primitive_execute(primitive, stream, memories.length, args), implementation);
    }

    @Override
    public void close() {
        dnnl_primitive_destroy(primitive);
        for (dnnl_memory m : memories) {
            dnnl_memory_destroy(m);
        }
        args.deallocate();
    }
}
