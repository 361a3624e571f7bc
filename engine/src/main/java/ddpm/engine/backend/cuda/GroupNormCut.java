package ddpm.engine.backend.cuda;

import ddpm.engine.backend.NormOps.GroupNorm;

/**
 * How group_norm.cu and group_norm_split.cu are launched for one geometry: threads laid over pixels and channels as
 * panel.cuh does it, and how much shared memory a block's part of the image takes.
 *
 * @param width elements that move at once
 * @param groupsPerBlock neighbouring groups of a block, whose channels fill a sector of memory
 * @param packs of a block in each pixel: groupsPerBlock * C/G / width
 */
record GroupNormCut(GroupNorm geometry, int elementBytes, int width, int groupsPerBlock, int packs, int threads) {
    private static final int WARP = 32;
    private static final int MOST_THREADS = 256; // of the kernels' launch bounds
    private static final int SECTOR_BYTES = 32; // the least that memory delivers
    private static final int PACK_BYTES = 16; // the most that a thread moves at once
    private static final int PART_BYTES = 32 << 10; // of x, worth a block
    private static final int MOST_PARTS = 65_535;
    private static final int SUM_BYTES = 2 * Float.BYTES;

    static GroupNormCut of(GroupNorm g, int elementBytes) {
        int channels = Math.toIntExact(g.groupChannels());
        int width = width(channels, elementBytes);
        int groups = groupsPerBlock(g, channels * elementBytes, width * elementBytes);
        int packs = groups * channels / width;
        int shares = (packs + MOST_THREADS - 1) / MOST_THREADS;
        int columns = (packs + shares - 1) / shares;
        int rows = (int) Math.min(MOST_THREADS / columns, g.x().pixels());
        return new GroupNormCut(g, elementBytes, width, groups, packs, (columns * rows + WARP - 1) / WARP * WARP);
    }

    /** The widest pack that divides the channels. */
    static int width(int channels, int elementBytes) {
        return Math.min(Integer.lowestOneBit(channels), PACK_BYTES / elementBytes);
    }

    /** The least divisor of G that fills a sector; 1 where that is more than a row of threads can hold. */
    private static int groupsPerBlock(GroupNorm g, int groupBytes, int packBytes) {
        int all = Math.toIntExact(g.groups());
        for (int groups = 1; groups <= all; groups++) {
            if (all % groups == 0 && (groups * groupBytes >= SECTOR_BYTES || groups == all)) {
                return groups * (long) groupBytes / packBytes <= MOST_THREADS ? groups : 1;
            }
        }
        return 1;
    }

    /** Blocks for all images. */
    long blocks() {
        return geometry.x().n() * (geometry.groups() / groupsPerBlock);
    }

    int pixels() {
        return Math.toIntExact(geometry.x().pixels());
    }

    /** Shared memory for a copy of so many pixels of the block's channels. */
    long tileBytes(int ofPixels) {
        int shares = (packs + threads - 1) / threads;
        int rows = threads / ((packs + shares - 1) / shares);
        return (long) (ofPixels + rows - 1) / rows * shares * threads * width * elementBytes;
    }

    /** Shared memory for the sums of a forward pass. */
    int groupSumBytes() {
        return SUM_BYTES * (threads + groupsPerBlock);
    }

    /** Shared memory for the sums of a backward pass: both of each channel of every thread. */
    int channelSumBytes() {
        return SUM_BYTES * (width * threads + groupsPerBlock);
    }

    /** Pixels of one part, where several blocks share a group. */
    int partPixels() {
        long fill = PART_BYTES / Math.max(1, (long) packs * width * elementBytes);
        long least = (pixels() + MOST_PARTS - 1L) / MOST_PARTS;
        return (int) Math.min(pixels(), Math.max(Math.max(1, fill), least));
    }

    int parts() {
        return (pixels() + partPixels() - 1) / partPixels();
    }
}
