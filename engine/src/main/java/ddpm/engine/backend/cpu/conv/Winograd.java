package ddpm.engine.backend.cpu.conv;

import static ddpm.engine.backend.cpu.memory.CpuBuffer.floats;

import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.ConvOps.ConvSpec;
import ddpm.engine.backend.Hw;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cpu.memory.CpuBuffer;
import ddpm.engine.backend.cpu.onednn.CpuInfo;
import ddpm.engine.backend.cpu.team.Rows;
import ddpm.engine.backend.cpu.team.Split;
import ddpm.engine.backend.cpu.team.Worker;
import ddpm.engine.backend.cpu.team.Workers;
import java.util.List;

/**
 * Convolutions of 3x3 in fp32 by Winograd's F(4x4,3x3): the 16 results of a tile take 36 multiplications for each pair of
 * channels instead of 144, as matrix products over all tiles, one for each of the 36 places of a transformed tile. Source:
 * Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", arXiv 1509.09308, section 4. What it saves and
 * what it costs in accuracy is in docs/decisions/0014.
 */
final class Winograd {
    private static final int PLACES = WinogradWeights.PLACES;
    private static final int TAPS = WinogradWeights.TAPS;

    /**
     * Channels on either side from which on the products outweigh the transforms. Where vectors are half as long, products
     * take twice as long and transforms do not (docs/decisions/0032).
     */
    private static final long FEWEST_CHANNELS = CpuInfo.hasAvx512() ? 64 : 32;

    /** Rows of a product from which on reading the weights costs little beside it. */
    private static final long CHUNK_ROWS = 64;

    /** Floats of the weights that are transformed at a time: all places of them fit the cache. */
    private static final int WEIGHT_BLOCK = 512;

    // native scratch memory of a thread: it grows to the largest convolution, where blocks of the pool would stay for
    // each size
    private static final int V = 0;
    private static final int M = 1;
    private static final int WEIGHTS = 2; // the caller's, or a thread's sums of gradients
    private static final int PLAIN = 3;

    private final Workers workers;
    private final Rows rows;

    Winograd(Workers workers) {
        this.workers = workers;
        this.rows = new Rows(workers);
    }

    /** Whether this way is open to a convolution, and shorter. */
    static boolean pays(ConvSpec g, Precision precision) {
        return precision == Precision.FP32
                && !g.transposed()
                && g.kernel().equals(Hw.square(WinogradPoints.TAPS))
                && g.stride().equals(Hw.square(1))
                && g.padding().equals(Hw.square(1))
                && Math.min(g.x().c(), g.y().c()) >= FEWEST_CHANNELS;
    }

    void forward(ConvSpec g, Buffer x, Buffer w, Buffer b, Buffer y) {
        float[] bias = new float[(int) g.y().c()];
        floats(b).get(0, bias);
        convolve(new Pass(g.x(), g.y().c(), false), (CpuBuffer) x, (CpuBuffer) w, bias, (CpuBuffer) y);
    }

    /** A convolution of dy by the weights turned by 180 degrees. */
    void backwardData(ConvSpec g, Buffer dy, Buffer w, Buffer dx) {
        convolve(new Pass(g.y(), g.x().c(), true), (CpuBuffer) dy, (CpuBuffer) w, null, (CpuBuffer) dx);
    }

    /**
     * A convolution.
     *
     * @param x what is convolved
     * @param out channels of the result
     * @param turned whether the weights are those of a convolution from {@code out} channels, turned by 180 degrees
     */
    private record Pass(Nhwc x, long out, boolean turned) {
        WinogradTiles tiles() {
            return new WinogradTiles(x.h(), x.w(), x.c());
        }

        WinogradTiles resultTiles() {
            return new WinogradTiles(x.h(), x.w(), out);
        }

        /** A thread's images as it transforms and multiplies them: few at once, to have them in its cache. */
        Split chunks(long images) {
            return Split.atMost(images, new Split(CHUNK_ROWS, tiles().tiles()).count());
        }

        WinogradProducts.Layout layout(Worker w) {
            return WinogradProducts.layout(w.context(), CHUNK_ROWS, x.c(), out, turned);
        }

        /** Where in the plain weights those of a tap of this convolution begin, in floats. */
        long weightsOf(long tap) {
            return turned ? (TAPS - 1 - tap) * out : tap * x.c();
        }
    }

    /** @param bias one for each channel of y, or null */
    private void convolve(Pass pass, CpuBuffer x, CpuBuffer w, float[] bias, CpuBuffer y) {
        int length = (int) pass.layout(workers.caller()).length();
        CpuBuffer places = workers.caller().natives(WEIGHTS, (long) PLACES * length);
        transform(pass, w, length, places);
        long images = pass.x().n();
        Split chunks = new Split(
                images, pass.chunks(Split.of(images, workers.threads()).size()).size());
        workers.forEach(
                chunks.count(),
                (worker, i) -> images(worker, pass, x, chunks.from(i), (int) chunks.length(i), places, bias, y));
    }

    /** The weights of each tap into oneDNN's layout, and from there, element by element, to places. */
    private void transform(Pass pass, CpuBuffer w, int length, CpuBuffer places) {
        CpuBuffer taps = workers.caller().natives(PLAIN, (long) TAPS * length);
        workers.forEach(TAPS, (worker, tap) -> pass.layout(worker)
                .reorder()
                .run(w.address(pass.weightsOf(tap)), taps.address(tap * length)));
        Split split = new Split(length, WEIGHT_BLOCK);
        workers.forEach(
                split.count(),
                (worker, i) -> WinogradWeights.transform(
                        worker, taps.floats(), places.floats(), length, (int) split.from(i), (int) split.length(i)));
    }

    private static void images(
            Worker worker, Pass pass, CpuBuffer x, long first, int count, CpuBuffer places, float[] bias, CpuBuffer y) {
        long in = pass.x().c();
        long tiles = (long) count * pass.tiles().tiles();
        int pixel = (int) (first * pass.x().pixels());
        CpuBuffer v = worker.natives(V, PLACES * tiles * in);
        CpuBuffer m = worker.natives(M, PLACES * tiles * pass.out());
        pass.tiles().input(worker, x.floats(), pixel * (int) in, count, v.floats());
        WinogradProducts.apply(
                        worker.context(),
                        tiles,
                        in,
                        pass.out(),
                        pass.layout(worker).desc())
                .run(v.address(), places.address(), m.address());
        pass.resultTiles().output(worker, m.floats(), bias, y.floats(), pixel * (int) pass.out(), count);
    }

    /** Each thread sums over its images, and the sums are added in order. */
    void backwardWeights(ConvSpec g, Buffer x, Buffer dy, Buffer dw, Buffer db) {
        Pass pass = new Pass(g.x(), g.y().c(), false);
        int in = (int) g.x().c();
        int out = (int) g.y().c();
        long elements = (long) PLACES * in * out;
        Split split = Split.of(g.x().n(), workers.threads());
        List<CpuBuffer> sums = workers.all().stream()
                .limit(split.count())
                .map(owner -> owner.natives(WEIGHTS, elements))
                .toList();
        workers.forEach(
                split.count(),
                (worker, i) ->
                        sum(worker, pass, (CpuBuffer) x, (CpuBuffer) dy, split.from(i), split.length(i), sums.get((int)
                                i)));
        Split outputs = new Split(out, Math.max(1, WEIGHT_BLOCK / in));
        workers.forEach(
                outputs.count(),
                (worker, i) -> WinogradWeights.gradient(
                        worker, sums, floats(dw), out, in, (int) outputs.from(i), (int) outputs.length(i)));
        rows.sum(1, g.y().n() * g.y().pixels(), g.y().c(), dy, db);
    }

    private static void sum(
            Worker worker, Pass pass, CpuBuffer x, CpuBuffer dy, long first, long count, CpuBuffer sums) {
        long in = pass.x().c();
        long out = pass.out();
        Split chunks = pass.chunks(count);
        for (int i = 0; i < chunks.count(); i++) {
            int images = (int) chunks.length(i);
            long tiles = (long) images * pass.tiles().tiles();
            int pixel = (int) ((first + chunks.from(i)) * pass.x().pixels());
            CpuBuffer v = worker.natives(V, PLACES * tiles * in);
            CpuBuffer m = worker.natives(M, PLACES * tiles * out);
            pass.tiles().input(worker, x.floats(), pixel * (int) in, images, v.floats());
            pass.resultTiles().gradient(worker, dy.floats(), pixel * (int) out, images, m.floats());
            WinogradProducts.gradient(worker.context(), tiles, in, out, i > 0)
                    .run(m.address(), v.address(), sums.address());
        }
    }
}
