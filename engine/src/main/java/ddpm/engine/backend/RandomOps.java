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
}
