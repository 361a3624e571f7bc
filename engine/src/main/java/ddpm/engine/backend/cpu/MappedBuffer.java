package ddpm.engine.backend.cpu;

import ddpm.engine.backend.Buffer;
import ddpm.engine.io.MappedFile;

/** A mapped file that the gathering of a batch reads in place; no other operation takes it. */
final class MappedBuffer implements Buffer {
    private final MappedFile file;

    MappedBuffer(MappedFile file) {
        this.file = file;
    }

    MappedFile file() {
        return file;
    }

    @Override
    public long bytes() {
        return file.bytes();
    }
}
