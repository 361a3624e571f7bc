package ddpm.engine.backend.cpu.attention;

import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cpu.memory.CpuBuffer;
import ddpm.engine.backend.cpu.team.Worker;

/** Gradient of attention of one image on one core. */
final class AttentionBackward {
    private final AttentionTile tile;
    private final Worker worker;
    private final AttentionOperands operands;
    private final int tokens;
    private final int d;
    private final CpuBuffer weights;
    private final CpuBuffer dScores;

    AttentionBackward(AttentionTile tile, Worker worker) {
        this.tile = tile;
        this.worker = worker;
        this.operands = new AttentionOperands(tile);
        this.tokens = tile.tokens();
        this.d = tile.headDim();
        this.weights = worker.natives(6, tile.scores());
        this.dScores = worker.natives(7, tile.scores());
    }

    /** @param qkv, y, state in, as in the forward @param dy in, [N,T,C], F32 @param dqkv out, stored as qkv */
    void run(long image, CpuBuffer qkv, CpuBuffer y, CpuBuffer state, CpuBuffer dy, CpuBuffer dqkv) {
        int width = tile.width();
        int packed = tile.packed();
        int one = tile.operand(d + 1);
        AttentionImage in = AttentionImage.of(worker, 8, tile.stored(), qkv, image, tokens * packed);
        AttentionImage result = AttentionImage.of(worker, 9, tile.stored(), y, image, tokens * width);
        AttentionImage dResult = AttentionImage.of(dy, image, tokens * width);
        float[] rows = in.read(worker, 0);
        float[] out = worker.floats(1, one);

        float[] last = AttentionImage.of(state, image, tokens * tile.allHeads()).read(worker, 2);
        for (int i = 0; i < tokens * tile.allHeads(); i++) {
            last[i] = -last[i];
        }
        operands.withColumn(rows, packed, last, out);
        CpuBuffer q = worker.natives(0, out, one);
        operands.transposeWithRow(rows, width, packed, tile.scale(), 1, out);
        CpuBuffer kT = worker.natives(1, out, one);
        operands.transposeWithRow(rows, 2 * width, packed, tile.scale(), tile.scale(), out);
        CpuBuffer vT = worker.natives(2, out, one);

        float[] dyRows = dResult.read(worker, 0);
        operands.negativeDots(dyRows, result.read(worker, 3), last);
        operands.withColumn(dyRows, width, last, out);
        CpuBuffer dyWithDots = worker.natives(3, out, one);

        CpuBuffer dkT = worker.natives(4, tile.operand(d));
        CpuBuffer dvT = worker.natives(5, tile.operand(d));
        AttentionImage gradient = tile.stored() == Precision.FP32
                ? AttentionImage.of(dqkv, image, tokens * packed)
                : AttentionImage.of(worker.natives(10, tokens * packed), 0, tokens * packed);
        for (int head = 0; head < tile.allHeads(); head += tile.heads()) {
            long atRows = head * tokens * (d + 1L);
            for (int row = 0; row < tokens; row += tile.rows()) {
                long atQ = head * d + (long) row * packed;
                AttentionProducts.Backward p =
                        AttentionProducts.Backward.of(worker.context(), tile, tile.rowsFrom(row));
                AttentionProducts.KeysAndValues sums = row == 0 ? p.first() : p.next();
                p.weights().run(q.address(atRows + row * (d + 1L)), kT.address(atRows), weights.address());
                p.dScores()
                        .run(
                                dyWithDots.address(atRows + row * (d + 1L)),
                                vT.address(atRows),
                                dScores.address(),
                                weights.address());
                p.dQueries().run(dScores.address(), in.address(width + head * d), gradient.address(atQ));
                sums.dKeys().run(in.address(atQ), dScores.address(), dkT.address(head * d * tokens));
                sums.dValues()
                        .run(
                                dResult.address(head * d + (long) row * width),
                                weights.address(),
                                dvT.address(head * d * tokens));
            }
        }
        keysAndValues(dkT, dvT, gradient);
        if (tile.stored() != Precision.FP32) {
            gradient.round(worker, dqkv, image);
        }
    }

    /** The gradients of keys and values, [C,T], to their columns of the image's. */
    private void keysAndValues(CpuBuffer dkT, CpuBuffer dvT, AttentionImage gradient) {
        int width = tile.width();
        float[] rows = worker.floats(0, 2 * width * tokens);
        float[] columns = worker.floats(1, tile.operand(d));
        dkT.floats().get(0, columns, 0, tile.operand(d));
        operands.transposeBack(columns, rows, 0, 2 * width);
        dvT.floats().get(0, columns, 0, tile.operand(d));
        operands.transposeBack(columns, rows, width, 2 * width);
        for (int t = 0; t < tokens; t++) {
            gradient.put(t * tile.packed() + width, rows, t * 2 * width, 2 * width);
        }
    }
}
