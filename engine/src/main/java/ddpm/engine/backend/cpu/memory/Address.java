package ddpm.engine.backend.cpu.memory;

import org.bytedeco.javacpp.Pointer;

/** A pointer whose address can be set: one object serves many calls into oneDNN. */
public final class Address extends Pointer {
    public Address() {
        super((Pointer) null);
    }

    public Address set(long value) {
        address = value;
        return this;
    }
}
