package ddpm.engine.backend.cpu;

import static ddpm.engine.backend.cpu.memory.CpuBuffer.floats;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.RandomOps;
import ddpm.engine.backend.cpu.team.Workers;
import ddpm.engine.random.Normals;
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
}
