package ddpm.verify.ops;

import ddpm.engine.nn.MultiHeadAttention;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.verify.report.VectorException;
import ddpm.verify.vectors.FileLayout;

/**
 * What comes out of the attention kernels. They never show their weights, softmax(q k^T / sqrt(D)), nor is there a softmax
 * of its own; but attention with one-hot values returns weights as its result, so both are read off there.
 */
final class AttentionCases {
    private AttentionCases() {}

    /** The layer with its gradients, and its weights, averaged over the heads. */
    static void multiHead(OpCase c, int heads) {
        long[] x = c.get("x", 3).shape();
        int width = Math.toIntExact(x[2]);
        LayerCases.run(c, p -> new MultiHeadAttention(p, LayerCases.LAYER, width, heads)::forward);
        c.compare("attn_weights_mean", new long[] {x[0], x[1], x[1]}, meanWeights(c, heads));
    }

    /**
     * [N,T,T]. Head h with width D is given the values v[j,d] = 1 where j = start + d, else 0: its result y[i,d] is then
     * the weight from token i to token start + d. One call of the kernel for every D tokens.
     */
    private static double[] meanWeights(OpCase c, int heads) {
        try (Scope scope = Scope.on(c.backend())) {
            Tensor x = FileLayout.PLAIN.tensor(scope, c.get("x"));
            int n = Math.toIntExact(x.shape().dim(0));
            int tokens = Math.toIntExact(x.shape().dim(1));
            int width = Math.toIntExact(x.shape().dim(2));
            Tensor queriesAndKeys = x.linear(
                            FileLayout.PLAIN.tensor(scope, c.get("in_proj_weight")),
                            FileLayout.PLAIN.tensor(scope, c.get("in_proj_bias")))
                    .sliceChannels(0, 2L * width);
            double[] mean = new double[n * tokens * tokens];
            int headWidth = width / heads;
            for (int start = 0; start < tokens; start += headWidth) {
                Tensor values = scope.tensor(x.shape(), oneHot(n, tokens, width, headWidth, start));
                float[] y =
                        queriesAndKeys.concatChannels(values).attention(heads).toFloats();
                for (int i = 0; i < y.length; i++) {
                    int to = start + i % width % headWidth;
                    if (to < tokens) {
                        mean[i / width * tokens + to] += (double) y[i] / heads;
                    }
                }
            }
            return mean;
        }
    }

    private static float[] oneHot(int n, int tokens, int width, int headWidth, int start) {
        float[] v = new float[n * tokens * width];
        for (int i = 0; i < v.length; i++) {
            int token = i / width % tokens;
            v[i] = token == start + i % width % headWidth ? 1 : 0;
        }
        return v;
    }

    /**
     * Softmax over the last of the extents, T long: each row is an image of T tokens and T heads of width 1. With q = 1
     * and k[j,h] = x[j] every head has the logits x (the scale 1 / sqrt(D) is 1), with v[j,h] = 1 where j = h, else 0,
     * head h returns the weight of token h: y[i,h] = softmax(x)[h] for any query i. Only query 0 is used. As k[j,h] is
     * x[j], the gradient of x[j] is the sum over h of that of k[j,h].
     */
    static void softmax(OpCase c) {
        HostTensor x = c.get("x");
        long[] shape = x.shape();
        if (shape.length == 0) {
            throw new VectorException("x is a scalar, needed is [..,T]");
        }
        int tokens = Math.toIntExact(shape[shape.length - 1]);
        int rows = Math.toIntExact(x.count() / Math.max(1, tokens));
        try (Scope scope = Scope.recording(c.backend())) {
            Tensor qkv = scope.leaf(Shape.of(rows, tokens, 3L * tokens), packed(x.toFloats(), rows, tokens));
            Tensor weights = qkv.attention(tokens);
            c.compare("y", shape, firstQuery(weights.toFloats(), rows, tokens));
            float[] dy = atFirstQuery(c.get("dy").toFloats(), rows, tokens);
            float[] dqkv = UpstreamOp.backward(weights, dy).of(qkv).toFloats();
            c.compare("dx", shape, sumOverHeads(dqkv, rows, tokens));
        }
    }

    private static float[] packed(float[] x, int rows, int tokens) {
        float[] qkv = new float[rows * tokens * 3 * tokens];
        int at = 0;
        for (int r = 0; r < rows; r++) {
            for (int j = 0; j < tokens; j++, at += 3 * tokens) {
                for (int h = 0; h < tokens; h++) {
                    qkv[at + h] = 1;
                    qkv[at + tokens + h] = x[r * tokens + j];
                    qkv[at + 2 * tokens + h] = j == h ? 1 : 0;
                }
            }
        }
        return qkv;
    }

    private static double[] firstQuery(float[] y, int rows, int tokens) {
        double[] first = new double[rows * tokens];
        for (int i = 0; i < first.length; i++) {
            first[i] = y[i / tokens * tokens * tokens + i % tokens];
        }
        return first;
    }

    private static float[] atFirstQuery(float[] dy, int rows, int tokens) {
        if (dy.length != rows * tokens) {
            throw new VectorException("dy has " + dy.length + " values, x has " + rows * tokens);
        }
        float[] all = new float[rows * tokens * tokens];
        for (int i = 0; i < dy.length; i++) {
            all[i / tokens * tokens * tokens + i % tokens] = dy[i];
        }
        return all;
    }

    private static double[] sumOverHeads(float[] dqkv, int rows, int tokens) {
        double[] dx = new double[rows * tokens];
        for (int i = 0; i < dx.length; i++) {
            for (int h = 0; h < tokens; h++) {
                dx[i] += dqkv[i * 3 * tokens + tokens + h];
            }
        }
        return dx;
    }
}
