package ddpm.engine.backend.cpu.team;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.cpu.memory.CpuBuffer;
import ddpm.engine.backend.cpu.memory.CpuMemory;
import java.util.ArrayList;
import java.util.List;

/** A sum over rows or images whose parts are computed by several threads and then added in order: always the same bits. */
public final class PartialSums {
    private final CpuMemory memory;
    private final long elements;
    private final List<CpuBuffer> parts = new ArrayList<>();

    /** @param result takes the first part, and the sum */
    public PartialSums(CpuMemory memory, Buffer result, long elements, int count) {
        this.memory = memory;
        this.elements = elements;
        parts.add((CpuBuffer) result);
        for (int i = 1; i < count; i++) {
            parts.add(memory.allocate(elements * Float.BYTES));
        }
    }

    /** Where part {@code i} is computed. */
    public long address(long i) {
        return parts.get((int) i).address();
    }

    /** Once all parts are computed; frees their memory. */
    public void addUp(Blocks blocks) {
        if (parts.size() > 1) {
            blocks.addUp(elements, parts);
            parts.subList(1, parts.size()).forEach(memory::free);
        }
    }
}
