package ddpm.engine.backend.cpu.onednn;

import static org.bytedeco.dnnl.global.dnnl.*;

import ddpm.engine.backend.cpu.memory.CpuBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.dnnl.dnnl_stream;

/**
 * What one Java thread needs to use oneDNN: a stream, the primitives it has made, by key, and the scratch memory in which
 * they run one after the other. Primitives are compiled for the number of OpenMP threads of the thread that makes them, so
 * contexts are never shared.
 */
public final class DnnlContext implements AutoCloseable {
    private static final int CAPACITY = 4096; // far above what one model needs; bounds a run over many shapes

    private final dnnl_stream stream = new dnnl_stream();
    private final Map<Object, AutoCloseable> cache = new LinkedHashMap<>(256, 0.75f, true);
    private CpuBuffer scratchpad; // null while no primitive needs any

    public DnnlContext() {
        Dnnl.check(dnnl_stream_create(stream, Dnnl.engine(), dnnl_stream_default_flags), "stream");
    }

    dnnl_stream stream() {
        return stream;
    }

    /** Makes sure that the scratch memory is so large; it may move. */
    void needScratchpad(long bytes) {
        if (scratchpadBytes() < bytes) {
            releaseScratchpad();
            scratchpad = CpuBuffer.require(bytes);
        }
    }

    long scratchpadBytes() {
        return scratchpad == null ? 0 : scratchpad.bytes();
    }

    /** Where it is. */
    long scratchpad() {
        return scratchpad.address();
    }

    private void releaseScratchpad() {
        if (scratchpad != null) {
            scratchpad.release();
        }
    }

    /** The object for a key (a record of kind and geometry), made on first use. */
    public <T extends AutoCloseable> T get(Object key, Class<T> type, Supplier<T> maker) {
        AutoCloseable found = cache.get(key);
        if (found == null) {
            found = maker.get();
            cache.put(key, found);
            evict();
        }
        return type.cast(found);
    }

    public Primitive get(Object key, Supplier<Primitive> maker) {
        return get(key, Primitive.class, maker);
    }

    private void evict() {
        if (cache.size() > CAPACITY) {
            Map.Entry<Object, AutoCloseable> oldest =
                    cache.entrySet().iterator().next();
            cache.remove(oldest.getKey());
            closeQuietly(oldest.getValue());
        }
    }

    /** Adds each cached primitive's implementation name to {@code into} with the key it serves. */
    public void implementations(Map<String, String> into) {
        cache.forEach((key, value) -> {
            if (value instanceof Primitive p) {
                into.put(key.toString(), p.implementation());
            } else if (value instanceof PrimitiveGroup p) {
                p.primitives().forEach((part, primitive) -> into.put(part + " of " + key, primitive.implementation()));
            }
        });
    }

    private static void closeQuietly(AutoCloseable c) {
        try {
            c.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        cache.values().forEach(DnnlContext::closeQuietly);
        cache.clear();
        releaseScratchpad();
        dnnl_stream_destroy(stream);
    }
}
