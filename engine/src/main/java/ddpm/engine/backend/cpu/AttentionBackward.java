package ddpm.engine.backend.cpu;

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

    /** @param qkv, y, state, dy in, as in the forward @param dqkv out, [N,T,3C] */
    void run(long image, CpuBuffer qkv, CpuBuffer y, CpuBuffer state, CpuBuffer dy, CpuBuffer dqkv) {
        int width = tile.width();
        int one = tile.operand(d + 1);
        float[] rows = AttentionOperands.read(worker, 0, qkv, image, tokens, tile.packed());
        float[] out = worker.floats(1, one);

        float[] last = AttentionOperands.read(worker, 2, state, image, tokens, tile.allHeads());
        for (int i = 0; i < tokens * tile.allHeads(); i++) {
            last[i] = -last[i];
        }
        operands.withColumn(rows, tile.packed(), last, out);
        CpuBuffer q = worker.natives(0, out, one);
        operands.transposeWithRow(rows, width, tile.packed(), tile.scale(), 1, out);
        CpuBuffer kT = worker.natives(1, out, one);
        operands.transposeWithRow(rows, 2 * width, tile.packed(), tile.scale(), tile.scale(), out);
        CpuBuffer vT = worker.natives(2, out, one);

        float[] dyRows = AttentionOperands.read(worker, 0, dy, image, tokens, width);
        operands.negativeDots(dyRows, AttentionOperands.read(worker, 3, y, image, tokens, width), last);
        operands.withColumn(dyRows, width, last, out);
        CpuBuffer dyWithDots = worker.natives(3, out, one);

        CpuBuffer dkT = worker.natives(4, tile.operand(d));
        CpuBuffer dvT = worker.natives(5, tile.operand(d));
        for (int head = 0; head < tile.allHeads(); head += tile.heads()) {
            long atQ = image * tokens * tile.packed() + head * d;
            long atY = image * tokens * width + head * d;
            int atRows = head * tokens * (d + 1);
            for (int row = 0; row < tokens; row += tile.rows()) {
                long qRow = atQ + (long) row * tile.packed();
                long yRow = atY + (long) row * width;
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
                p.dQueries().run(dScores.address(), qkv.address(atQ + width), dqkv.address(qRow));
                sums.dKeys().run(qkv.address(qRow), dScores.address(), dkT.address(head * d * tokens));
                sums.dValues().run(dy.address(yRow), weights.address(), dvT.address(head * d * tokens));
            }
        }
        keysAndValues(image, dkT, dvT, dqkv);
    }

    /** The gradients of keys and values, [C,T], to their columns of dqkv. */
    private void keysAndValues(long image, CpuBuffer dkT, CpuBuffer dvT, CpuBuffer dqkv) {
        int width = tile.width();
        float[] rows = worker.floats(0, 2 * width * tokens);
        float[] columns = worker.floats(1, tile.operand(d));
        dkT.floats().get(0, columns, 0, tile.operand(d));
        operands.transposeBack(columns, rows, 0, 2 * width);
        dvT.floats().get(0, columns, 0, tile.operand(d));
        operands.transposeBack(columns, rows, width, 2 * width);
        int to = (int) image * tokens * tile.packed() + width;
        for (int t = 0; t < tokens; t++) {
            dqkv.floats().put(to + t * tile.packed(), rows, t * 2 * width, 2 * width);
        }
    }
}
