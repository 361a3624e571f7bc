// how well trained networks of any recipe guess x_0, by the level of noise: -R-Druns=runs/eps,runs/v names their folders,
// -R-Dimages=FILE the test images, t10k-images-idx3-ubyte.gz, where they are not those of the fetched MNIST
import ddpm.data.source.DataEnvironment;
import ddpm.data.source.DataSources;
import ddpm.diffusion.*;
import ddpm.diffusion.solver.Level;
import ddpm.engine.backend.*;
import ddpm.engine.backend.cpu.*;
import ddpm.engine.nn.*;
import ddpm.engine.ops.*;
import ddpm.engine.tensor.*;
import ddpm.train.checkpoint.TrainedModels;
import ddpm.train.checkpoint.WeightsChoice;
import java.nio.file.*;
import java.util.*;
import java.util.zip.GZIPInputStream;
String[] runs = System.getProperty("runs").split(",");
double[] sigmas = {0.02, 0.1, 0.3, 1, 3, 10, 30};
int n = 128;
int d = 28 * 28;
float[] test = new float[n * d];
String file = "t10k-images-idx3-ubyte.gz";
String given = System.getProperty("images");
Path images = given != null ? Path.of(given) : DataSources.whereMnist(DataEnvironment.system()).get().resolveSibling(file);
try (var in = new GZIPInputStream(Files.newInputStream(images))) {
    in.skipNBytes(16);
    for (int i = 0; i < test.length; i++) test[i] = in.read() / 127.5f - 1;
}
var backend = new CpuBackend(Precision.FP32);
double[][] errors = new double[runs.length][sigmas.length];
for (int r = 0; r < runs.length; r++) {
    var trained = TrainedModels.load(Path.of(runs[r]), WeightsChoice.EMA);
    Schedule schedule = trained.diffusion().schedule();
    var net = trained.model().create(Parameters.toLoad(backend));
    net.parameters().load(trained.weights());
    for (int k = 0; k < sigmas.length; k++) {
        double t = schedule.atSigma(sigmas[k]);
        Level level = Level.at(schedule, trained.objective().prediction(), schedule.whole() ? Math.rint(t) : t);
        try (var scope = Scope.on(backend)) {
            float[] eps = StandardNormal.draw(scope, Shape.of(n, d), 7, Streams.TRAINING_NOISE, 0, k).toFloats();
            float[] x = new float[n * d];
            float[] input = new float[n * d];
            for (int i = 0; i < x.length; i++) {
                x[i] = (float) (level.signal() * test[i] + level.noise() * eps[i]);
                input[i] = (float) (level.input() * x[i]);
            }
            float[] times = new float[n];
            Arrays.fill(times, (float) level.time());
            var shape = Shape.of(n, 28, 28, 1);
            float[] f = net.predict(scope.tensor(shape, input), scope.tensor(Shape.of(n), times), Condition.NONE).toFloats();
            for (int i = 0; i < x.length; i++) {
                errors[r][k] += Math.pow(level.a() * x[i] + level.b() * f[i] - test[i], 2) / x.length;
            }
        }
    }
    net.close();
}
System.out.print("sigma");
for (String run : runs) System.out.printf("  %10s", Path.of(run).getFileName());
System.out.println();
for (int k = 0; k < sigmas.length; k++) {
    System.out.printf(Locale.ROOT, "%5.2f", sigmas[k]);
    for (double[] e : errors) System.out.printf(Locale.ROOT, "  %10.3g", e[k]);
    System.out.println();
}
backend.close();
/exit
