package ddpm.engine.backend.cpu;

import static ddpm.engine.backend.cpu.memory.CpuBuffer.floats;
import static ddpm.engine.backend.cpu.memory.CpuBuffer.ints;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.DiffusionOps.BatchNumbers;
import ddpm.engine.backend.RandomOps;
import ddpm.engine.backend.RandomOps.Dropout;
import ddpm.engine.backend.cpu.team.Workers;
import ddpm.engine.random.Normals;
import ddpm.engine.random.Philox;
import ddpm.engine.random.Stream;

/** Random draws, one row at a time. */
final class CpuRandom implements RandomOps {
    private final Workers workers;

    CpuRandom(Workers workers) {
        this.workers = workers;
    }

    @Override
    public void normal(long seed, Stream stream, long firstRow, long step, long rows, long columns, Buffer y) {
        workers.forEach(rows, (w, i) -> {
            float[] row = w.floats(0, (int) columns);
            Normals.fill(seed, stream, firstRow + i, step, row, 0, (int) columns);
            floats(y).put((int) (i * columns), row, 0, (int) columns);
        });
    }

    @Override
    public void dropout(Dropout g, Buffer numbers, Buffer x, Buffer y) {
        int columns = (int) g.columns();
        long first = ints(numbers).get(BatchNumbers.FIRST_ROW);
        long step = ints(numbers).get(BatchNumbers.STEP);
        long threshold = g.threshold();
        float factor = g.factor();
        workers.forEach(g.rows(), (w, i) -> {
            int start = (int) i * columns;
            float[] row = w.floats(0, columns);
            floats(x).get(start, row, 0, columns);
            for (int j = 0; j < columns; j++) {
                row[j] *= factor;
            }
            floats(y).put(start, row, 0, columns);
            int[] bits =
                    w.ints(0, columns); // of floats: a mask on them is no branch, of which chance would make a slow one
            ints(y).get(start, bits, 0, columns);
            int[] words = new int[4];
            for (int at = 0; at < columns; at += 4) {
                Philox.block(g.seed(), g.stream(), first + i, step, at / 4, words);
                for (int j = at; j < Math.min(at + 4, columns); j++) {
                    long drops = (words[j - at] & 0xFFFFFFFFL) - threshold >> 63; // all ones, or 0
                    bits[j] &= (int) ~drops;
                }
            }
            ints(y).put(start, bits, 0, columns);
        });
    }
}
