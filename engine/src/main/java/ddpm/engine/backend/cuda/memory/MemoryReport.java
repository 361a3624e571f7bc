package ddpm.engine.backend.cuda.memory;

import ddpm.engine.backend.MemoryOps.Stats;
import ddpm.engine.backend.OutOfMemoryException;
import ddpm.engine.backend.cuda.driver.CudaBuffer;
import ddpm.engine.backend.cuda.driver.CudaDevice;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What to tell somebody whose model does not fit: how much is there, who has it. */
final class MemoryReport {
    private static final int MOST_LINES = 8;

    private MemoryReport() {}

    /** @param live the blocks handed out */
    static OutOfMemoryException outOfMemory(CudaDevice device, long asked, Stats stats, Collection<CudaBuffer> live) {
        long[] memory = device.memory();
        long others = memory[1] - memory[0] - stats.reservedBytes();
        String problem = "cuda: out of memory asking for " + mib(asked) + " on " + device.name() + ": "
                + mib(stats.usedBytes()) + " in use, " + mib(stats.reservedBytes() - stats.usedBytes()) + " cached, "
                + mib(memory[0]) + " free of " + mib(memory[1]) + ", " + mib(Math.max(0, others))
                + " with libraries and other programs";
        StringBuilder text = new StringBuilder("use a smaller batch or close other programs");
        List<Map.Entry<Long, Long>> sizes = live.stream()
                .collect(Collectors.groupingBy(CudaBuffer::bytes, TreeMap::new, Collectors.counting()))
                .entrySet()
                .stream()
                .sorted(Comparator.comparingLong(e -> -e.getKey() * e.getValue()))
                .toList();
        if (!sizes.isEmpty()) {
            text.append("\n  in all      blocks  of");
        }
        for (Map.Entry<Long, Long> e : sizes.subList(0, Math.min(MOST_LINES, sizes.size()))) {
            text.append(String.format(
                    Locale.ROOT, "%n  %-10s  %6d  %s", mib(e.getKey() * e.getValue()), e.getValue(), mib(e.getKey())));
        }
        if (sizes.size() > MOST_LINES) {
            text.append("\n  and ").append(sizes.size() - MOST_LINES).append(" smaller sizes");
        }
        return new OutOfMemoryException(problem, text.toString());
    }

    private static String mib(long bytes) {
        return bytes < 1 << 20 ? bytes + " B" : String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20));
    }
}
