package ddpm.engine.backend.cpu.memory;

import ddpm.engine.backend.Buffer;
import ddpm.engine.disk.MappedFile;

/** A mapped file that the gathering of a batch reads in place; no other operation takes it. */
public final class MappedBuffer implements Buffer {
    private final MappedFile file;

    MappedBuffer(MappedFile file) {
        this.file = file;
    }

    public MappedFile file() {
        return file;
    }

    @Override
    public long bytes() {
        return file.bytes();
    }
}
