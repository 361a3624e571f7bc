package ddpm.engine.backend.cpu;

import org.bytedeco.javacpp.Pointer;

/** A pointer whose address can be set: one object serves many calls into oneDNN. */
final class Address extends Pointer {
    Address() {
        super((Pointer) null);
    }

    Address set(long value) {
        address = value;
        return this;
    }
}
