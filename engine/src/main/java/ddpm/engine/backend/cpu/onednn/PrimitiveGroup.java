package ddpm.engine.backend.cpu.onednn;

import java.util.Map;

/** Primitives that are made and kept together. */
public interface PrimitiveGroup extends AutoCloseable {
    /** All of them, by their part in the group. */
    Map<String, Primitive> primitives();

    @Override
    default void close() {
        primitives().values().forEach(Primitive::close);
    }
}
