package ddpm.engine.backend.cuda.memory;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.cuda.driver.CudaBuffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Some slots of a long list, as the struct that one launch takes by value: SlotList in slots.cuh.
 *
 * @param struct the bytes, laid out as C does
 * @param blocks of the launch
 * @param bytes of the slots' buffers
 */
public record SlotList(ByteBuffer struct, int blocks, long bytes) {
    public static final int THREADS = 256; // SLOT_THREADS
    private static final int CHUNK = 4096; // SLOT_CHUNK: elements of a block

    /** Blocks of all launches together. */
    public static int blocks(List<Long> n) {
        long blocks = 0;
        for (long count : n) {
            blocks += blocks(count);
        }
        return Math.toIntExact(blocks);
    }

    private static long blocks(long n) {
        return (n + CHUNK - 1) / CHUNK;
    }

    /**
     * The launches for a list of slots.
     *
     * @param capacity slots of one launch, as the kernel's parameter says
     * @param n elements of each slot
     * @param buffers of each slot, as many as the kernel's parameter says
     */
    public static List<SlotList> cut(int capacity, List<Long> n, List<List<Buffer>> buffers) {
        List<SlotList> launches = new ArrayList<>();
        int part = 0;
        for (int from = 0; from < n.size(); from += capacity) {
            int to = Math.min(n.size(), from + capacity);
            SlotList list = of(capacity, n.subList(from, to), buffers.subList(from, to), part);
            part += list.blocks();
            if (list.blocks() > 0) {
                launches.add(list);
            }
        }
        return launches;
    }

    private static SlotList of(int capacity, List<Long> n, List<List<Buffer>> buffers, int firstPart) {
        int pointers = buffers.get(0).size();
        int lengths = capacity * pointers * Long.BYTES;
        int firstBlocks = lengths + capacity * Long.BYTES;
        int end = firstBlocks + capacity * Integer.BYTES;
        int size = (end + 2 * Integer.BYTES + Long.BYTES - 1) / Long.BYTES * Long.BYTES;
        ByteBuffer struct = ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
        int block = 0;
        for (int i = 0; i < n.size(); i++) {
            for (int k = 0; k < pointers; k++) {
                long address = ((CudaBuffer) buffers.get(i).get(k)).address();
                struct.putLong((i * pointers + k) * Long.BYTES, address);
            }
            struct.putLong(lengths + i * Long.BYTES, n.get(i));
            struct.putInt(firstBlocks + i * Integer.BYTES, block);
            block = Math.toIntExact(block + blocks(n.get(i)));
        }
        struct.putInt(end, n.size());
        struct.putInt(end + Integer.BYTES, firstPart);
        long bytes =
                buffers.stream().flatMap(List::stream).mapToLong(Buffer::bytes).sum();
        return new SlotList(struct, block, bytes);
    }
}
