package ddpm.engine.backend.cpu.onednn;

import static org.bytedeco.dnnl.global.dnnl.*;

import ddpm.engine.backend.cpu.memory.Address;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * A oneDNN primitive with its memory objects, ready to run on any addresses of the right layout. Making one costs up to
 * a millisecond, running it some microseconds: {@link DnnlContext} keeps them. C handles are not garbage collected.
 *
 * <p>Scratch memory is the context's. oneDNN would keep some for each primitive by itself, a hundred megabytes for a
 * U-Net (docs/decisions/0018).
 */
public final class Primitive implements AutoCloseable {
    /** One operand: a DNNL_ARG_ number and its layout. */
    public record Arg(int id, dnnl_memory_desc layout) {}

    private final dnnl_primitive primitive = new dnnl_primitive();
    private final DnnlContext context;
    private final dnnl_exec_arg_t args;
    private final dnnl_memory[] memories; // of the operands, and of scratch memory where it is needed
    private final long[] addresses;
    private final int operands;
    private final Address address = new Address();
    private final String implementation;

    /** @param pd consumed: destroyed here */
    public Primitive(DnnlContext context, dnnl_primitive_desc pd, Arg... operands) {
        this.context = context;
        this.operands = operands.length;
        Dnnl.check(dnnl_primitive_create(primitive, pd), "primitive");
        this.implementation = implementationOf(pd);
        dnnl_memory_desc scratchpad = Dnnl.layoutOf(pd, dnnl_query_scratchpad_md);
        dnnl_primitive_desc_destroy(pd);
        long scratchBytes = dnnl_memory_desc_get_size(scratchpad);
        int count = operands.length + (scratchBytes == 0 ? 0 : 1);
        this.args = new dnnl_exec_arg_t(count);
        this.memories = new dnnl_memory[count];
        this.addresses = new long[count];
        for (int i = 0; i < operands.length; i++) {
            argument(i, operands[i].id(), operands[i].layout());
        }
        if (scratchBytes > 0) {
            argument(operands.length, DNNL_ARG_SCRATCHPAD, scratchpad);
            context.needScratchpad(scratchBytes);
        }
        dnnl_memory_desc_destroy(scratchpad);
        args.position(0);
    }

    private void argument(int i, int id, dnnl_memory_desc layout) {
        memories[i] = new dnnl_memory();
        Dnnl.check(dnnl_memory_create(memories[i], layout, Dnnl.engine(), null), "memory");
        args.position(i).arg(id).memory(memories[i]);
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
    public void run(long... operands) {
        for (int i = 0; i < operands.length; i++) {
            place(i, operands[i]);
        }
        if (this.operands < memories.length) {
            place(this.operands, context.scratchpad());
        }
        Dnnl.check(dnnl_primitive_execute(primitive, context.stream(), memories.length, args), implementation);
    }

    private void place(int i, long at) {
        if (addresses[i] != at) {
            Dnnl.check(dnnl_memory_set_data_handle(memories[i], address.set(at)), "memory");
            addresses[i] = at;
        }
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
