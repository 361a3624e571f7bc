// what a learned variance saves: the two parts of its loss, and the bound of the same F with either fixed variance instead:
// -R-Drun=runs/learned names the folder of a run with objective.variance=learned_range and one channel, -R-Dimages=FILE the
// test images, t10k-images-idx3-ubyte.gz, where they are not those of the fetched MNIST
import ddpm.data.source.DataEnvironment;
import ddpm.data.source.DataSources;
import ddpm.diffusion.*;
import ddpm.diffusion.likelihood.*;
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
Nhwc g = new Nhwc(32, 28, 28, 1);
int values = (int) g.count();
float[] test = new float[values];
String file = "t10k-images-idx3-ubyte.gz";
String given = System.getProperty("images");
Path images = given != null ? Path.of(given) : DataSources.whereMnist(DataEnvironment.system()).get().resolveSibling(file);
try (var in = new GZIPInputStream(Files.newInputStream(images))) {
    in.skipNBytes(16);
    for (int i = 0; i < test.length; i++) test[i] = in.read() / 127.5f - 1;
}
var backend = new CpuBackend(Precision.FP32);
var trained = TrainedModels.load(Path.of(System.getProperty("run")), WeightsChoice.EMA);
Schedule schedule = trained.diffusion().schedule();
Prediction prediction = trained.objective().prediction();
var net = trained.model().create(Parameters.toLoad(backend));
net.parameters().load(trained.weights());
Network both = Network.of(net, backend, g, Condition.NONE);
float[] said = new float[0]; // by the network at the t of the turn, which all three variances are given
float[] half(int first) {
    float[] half = new float[values];
    for (int i = 0; i < values; i++) half[i] = said[2 * i + first];
    return half;
}
double mean(double[] of) {
    return Arrays.stream(of).average().getAsDouble();
}
double bits(Variance variance, Network network, float[] eps, int t) {
    var bound = new Bound(schedule, prediction, variance, Double.POSITIVE_INFINITY, NormalCdf.TANH);
    return mean(bound.step(network, g, test, eps, t).bits());
}
int all = schedule.timesteps();
Set<Integer> shown = Set.of(0, 1, 2, 5, 10, 20, 60, 100, 200, 500, 900);
double[] sums = new double[4];
System.out.println("   t  mse of F  small bits  large bits  learned    f");
for (int t = 0; t < all; t += t < 20 ? 1 : 20) {
    float[] eps;
    try (var scope = Scope.on(backend)) {
        eps = StandardNormal.draw(scope, Shape.of(values), 7, Streams.TRAINING_NOISE, 0, t).toFloats();
    }
    double learned = bits(Variance.LEARNED_RANGE, (x, time) -> said = both.predict(x, time), eps, t);
    double small = bits(Variance.FIXED_SMALL, (x, time) -> half(0), eps, t);
    double large = bits(Variance.FIXED_LARGE, (x, time) -> half(0), eps, t);
    double f = 0;
    for (float v : half(1)) f += (v + 1) / 2 / values;
    var c = prediction.at(schedule.signal(t), schedule.noise(t));
    double mse = 0;
    float[] predicted = half(0);
    for (int i = 0; i < values; i++) mse += Math.pow(predicted[i] - c.c() * test[i] - c.d() * eps[i], 2) / values;
    double stands = t < 20 ? 1 : Math.min(20, all - t); // for so many t
    double[] here = {mse / all, small, large, learned};
    for (int k = 0; k < 4; k++) sums[k] += stands * here[k];
    if (shown.contains(t)) System.out.printf(Locale.ROOT, "%4d  %8.4f  %10.5f  %10.5f  %7.5f  %.2f%n", t, mse, small, large, learned, f);
}
System.out.printf(Locale.ROOT, "bound: small %.3f, large %.3f, learned %.3f bits per value%n", sums[1], sums[2], sums[3]);
System.out.printf(Locale.ROOT, "loss: squared error %.4f + bound %.4f%n", sums[0], trained.objective().vlbWeight() * sums[3]);
net.close();
backend.close();
/exit
