package ddpm.engine.backend;

import ddpm.engine.random.Stream;

/** Operations that only draw from the counter-based generator; what also computes with the draws is {@link DiffusionOps}. */
public interface RandomOps {
    /**
     * Standard normals: row i is keyed (seed, stream, firstRow + i, step).
     *
     * @param rows number of rows
     * @param columns values in a row
     * @param y out, [rows,columns]
     */
    void normal(long seed, Stream stream, long firstRow, long step, long rows, long columns, Buffer y);

    /**
     * y[i,j] = 0 where row i's random bits of element j say so, else x[i,j] * {@link Dropout#factor}. The bits are word j mod 4 of
     * block j / 4 of (seed, stream, firstRow + i, step): the same for a row whichever batch it comes in, and the same in the
     * backward, which is this once more on dy.
     *
     * @param numbers in, {@link DiffusionOps.BatchNumbers}: step and first row
     * @param x in, [rows,columns]
     * @param y out, [rows,columns]; may be x
     */
    void dropout(Dropout g, Buffer numbers, Buffer x, Buffer y);

    /**
     * Geometry and random stream of what is dropped.
     *
     * @param rows number of rows, each with bits of its own
     * @param columns values in a row
     * @param share of the values that become 0, in [0,1)
     * @param seed of the training
     * @param stream of this layer
     */
    record Dropout(long rows, long columns, double share, long seed, Stream stream) {
        /** A value is dropped where 32 random bits are below this number, 0 to 2^32 - 1. */
        public long threshold() {
            return Math.min(Math.round(share * 0x1p32), 0xFFFF_FFFFL);
        }

        /** On the values that stay, so that their mean does. */
        public float factor() {
            return (float) (1 / (1 - share));
        }
    }
}
