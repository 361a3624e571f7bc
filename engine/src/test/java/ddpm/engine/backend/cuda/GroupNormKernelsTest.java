package ddpm.engine.backend.cuda;

import static ddpm.engine.backend.cuda.ExactMemory.normals;

import ddpm.engine.backend.Nhwc;
import ddpm.engine.backend.NormOps.GroupNorm;
import ddpm.engine.backend.cuda.ExactMemory.Cells;
import ddpm.engine.backend.cuda.kernel.CudaKernel;
import ddpm.engine.backend.cuda.kernel.Launch;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Group normalisation on either storage, by one block and by several for each group: group_norm.cu and group_norm_split.cu,
 * forward and backward, with packs of every width.
 */
@Tag("cuda")
@Tag("kernels")
class GroupNormKernelsTest {
    private static final double U = 0x1p-24;
    private static final float EPS = 1e-5f;

    /** Packs of 1, 2, 4 and 8 channels; many groups for a block and one; more packs than threads; pixels of no multiple. */
    private static final List<GroupNorm> CASES = List.of(
            of(1, 1, 1, 4, 2),
            of(2, 3, 5, 6, 3),
            of(2, 3, 3, 8, 8),
            of(1, 7, 9, 8, 1),
            of(3, 2, 1, 12, 3),
            of(2, 5, 5, 17, 1),
            of(2, 5, 3, 32, 8),
            of(1, 3, 5, 48, 6),
            of(1, 2, 2, 257, 1),
            of(1, 3, 1, 602, 2),
            of(1, 17, 17, 16, 4));

    private static ExactMemory memory;
    private final Random random = new Random(11);

    private static GroupNorm of(int n, int h, int w, int c, int groups) {
        return new GroupNorm(new Nhwc(n, h, w, c), groups, EPS);
    }

    @BeforeAll
    static void open() {
        memory = new ExactMemory();
    }

    @AfterAll
    static void close() {
        if (memory != null) {
            memory.close();
        }
    }

    @ParameterizedTest
    @EnumSource(Storage.class)
    void oneBlockForEachGroup(Storage storage) {
        for (GroupNorm g : CASES) {
            check(storage, g, false, 0, new Whole());
            check(storage, g, true, 0.5f, new Whole());
        }
    }

    /** Parts of one pixel, of several with a shorter last one, and one part; x read once and read twice. */
    @ParameterizedTest
    @EnumSource(Storage.class)
    void severalBlocksForEachGroup(Storage storage) {
        for (GroupNorm g : CASES) {
            int pixels = (int) g.x().pixels();
            for (int part : List.of(Math.min(pixels, 5), Math.min(pixels, pixels > 100 ? 40 : 1), pixels)) {
                check(storage, g, part % 2 == 0, 0.5f, new Split(part, part % 3 != 0));
            }
        }
    }

    /** Far from zero: the mean costs the digits, and no more than the formula allows. */
    @ParameterizedTest
    @EnumSource(Storage.class)
    void shifted(Storage storage) {
        GroupNorm g = of(2, 7, 5, 24, 3);
        check(storage, g, false, 100, new Whole());
        check(storage, g, true, -30, new Split(4, true));
    }

    /** Device memory of one case. */
    private record Case(
            GroupNormCut cut,
            Storage storage,
            int silu,
            Cells x,
            Cells gamma,
            Cells beta,
            Cells dy,
            Cells y,
            Cells mean,
            Cells var,
            Cells dx) {
        CudaKernel kernel(String name) {
            return memory.kernel(name, storage);
        }

        Launch geometry(Launch launch) {
            return launch.arg((int) cut.geometry().x().c())
                    .arg((int) cut.geometry().groups())
                    .arg(cut.groupsPerBlock())
                    .arg(cut.width());
        }

        /** The last arguments of all but the statistics, and go. */
        void run(Launch launch) {
            geometry(launch).arg(EPS).arg(silu).run();
        }

        Launch all(Launch launch, Cells... cells) {
            for (Cells c : cells) {
                c.arg(launch);
            }
            return launch;
        }
    }

    /** A way to cut the work. */
    private sealed interface Way permits Whole, Split {
        void forward(Case c);

        /** Writes dx. @return the sums over pixels by channel, [rows][2][C] */
        Cells backward(Case c);
    }

    private record Whole() implements Way {
        @Override
        public void forward(Case c) {
            GroupNormCut cut = c.cut;
            Launch launch = c.kernel("group_norm_forward").blocks(cut.blocks()).threads(cut.threads());
            launch.sharedBytes((int) cut.tileBytes(cut.pixels()) + cut.groupSumBytes());
            c.run(c.all(launch, c.x, c.gamma, c.beta, c.y, c.mean, c.var).arg(cut.pixels()));
        }

        @Override
        public Cells backward(Case c) {
            GroupNormCut cut = c.cut;
            Cells channels = memory.result(Storage.F32, 0, (int)
                    (cut.geometry().x().n() * 2 * cut.geometry().x().c()));
            Launch launch = c.kernel("group_norm_backward").blocks(cut.blocks()).threads(cut.threads());
            launch.sharedBytes((int) (2 * cut.tileBytes(cut.pixels())) + cut.channelSumBytes());
            c.run(c.all(launch, c.x, c.gamma, c.beta, c.mean, c.var, c.dy, c.dx, channels)
                    .arg(cut.pixels()));
            return channels;
        }
    }

    private record Split(int part, boolean keep) implements Way {
        private int parts(Case c) {
            return (c.cut.pixels() + part - 1) / part;
        }

        private Launch launch(Case c, String name, int sharedBytes) {
            return c.kernel(name)
                    .blocks(c.cut.blocks(), parts(c))
                    .threads(c.cut.threads())
                    .sharedBytes(sharedBytes);
        }

        @Override
        public void forward(Case c) {
            GroupNormCut cut = c.cut;
            GroupNorm g = cut.geometry();
            Cells parts = memory.result(Storage.F32, 0, (int) (g.x().n() * g.groups()) * parts(c) * 2);
            int tile = keep ? (int) cut.tileBytes(part) : 0;
            Launch first = launch(c, "group_norm_statistics", tile + cut.groupSumBytes());
            c.geometry(c.all(first, c.x, parts).arg(cut.pixels()).arg(part))
                    .arg(keep ? 1 : 0)
                    .run();
            Launch second = launch(c, "group_norm_apply", 8 * cut.groupsPerBlock());
            c.run(c.all(second, c.x, c.gamma, c.beta, parts, c.y, c.mean, c.var)
                    .arg(cut.pixels())
                    .arg(part));
        }

        @Override
        public Cells backward(Case c) {
            GroupNormCut cut = c.cut;
            int rows = (int) cut.geometry().x().n() * parts(c);
            Cells channels = memory.result(
                    Storage.F32, 0, rows * 2 * (int) cut.geometry().x().c());
            Launch first = launch(c, "group_norm_sums", 8 * cut.width() * cut.threads());
            c.run(c.all(first, c.x, c.gamma, c.beta, c.mean, c.var, c.dy, channels)
                    .arg(cut.pixels())
                    .arg(part));
            Launch second = launch(c, "group_norm_input_gradient", cut.channelSumBytes());
            c.run(c.all(second, c.x, c.gamma, c.beta, c.mean, c.var, c.dy, channels, c.dx)
                    .arg(cut.pixels())
                    .arg(part));
            return channels;
        }
    }

    private void check(Storage storage, GroupNorm g, boolean silu, float shift, Way way) {
        int count = (int) g.x().count();
        int c = (int) g.x().c();
        float[] x = normals(count, random);
        for (int i = 0; i < count; i++) {
            x[i] += shift;
        }
        x = storage.stored(x);
        float[] dy = storage.stored(normals(count, random));
        float[] gamma = normals(c, random);
        float[] beta = normals(c, random);
        int groups = (int) (g.x().n() * g.groups());
        Case on = new Case(
                GroupNormCut.of(g, storage.bytes),
                storage,
                silu ? 1 : 0,
                memory.upload(storage, 0, x),
                memory.floats(gamma),
                memory.floats(beta),
                memory.upload(storage, 0, dy),
                memory.result(storage, 0, count),
                memory.result(Storage.F32, 0, groups),
                memory.result(Storage.F32, 0, groups),
                memory.result(storage, 0, count));
        way.forward(on);
        Cells channels = way.backward(on);
        Cells dgamma = memory.result(Storage.F32, 0, c);
        Cells dbeta = memory.result(Storage.F32, 0, c);
        Launch last = memory.kernels
                .get("group_norm_parameter_gradients")
                .blocks((2 * c + 31) / 32)
                .threads(256);
        on.all(last, channels, dgamma, dbeta)
                .arg(channels.count() / (2 * c))
                .arg(c)
                .run();
        GroupNormReference want = new GroupNormReference(g, silu, x, gamma, beta, dy);
        String what = g + " " + storage + (silu ? " silu " : " ") + way;
        results(what, storage, g, want, on);
        double each = U * roundings(g, want);
        ExactMemory.near(what + " dgamma", want.dgamma, memory.read(dgamma), scaled(each, want.dgammaSize));
        ExactMemory.near(what + " dbeta", want.dbeta, memory.read(dbeta), scaled(each, want.dbetaSize));
        memory.forget();
    }

    /** Roundings of a normalised value and of what is computed from it, in units of float32. */
    private static double roundings(GroupNorm g, GroupNormReference want) {
        return 8 * Math.sqrt(g.x().pixels() * g.groupChannels()) * (1 + want.shift);
    }

    private static void results(String what, Storage storage, GroupNorm g, GroupNormReference want, Case on) {
        double each = U * roundings(g, want);
        double[] y = new double[want.y.length];
        double[] dx = new double[want.y.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = storage.roundoff * Math.abs(want.y[i]) + 4 * each * (1 + Math.abs(want.y[i]));
            dx[i] = storage.roundoff * Math.abs(want.dx[i]) + each * want.dxSize;
        }
        double[] mean = new double[want.mean.length];
        double[] var = new double[want.mean.length];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = each * Math.sqrt(want.var[i] + EPS);
            var[i] = each * (want.var[i] + EPS);
        }
        ExactMemory.near(what + " mean", want.mean, memory.read(on.mean), mean);
        ExactMemory.near(what + " var", want.var, memory.read(on.var), var);
        ExactMemory.near(what + " y", want.y, memory.read(on.y), y);
        ExactMemory.near(what + " dx", want.dx, memory.read(on.dx), dx);
    }

    private static double[] scaled(double factor, double[] values) {
        double[] scaled = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            scaled[i] = factor * values[i];
        }
        return scaled;
    }
}
