// a convolutional network that tells digits apart, on the built-in glyphs; "mnist" in place of "glyphs" takes MNIST
import ddpm.data.*;
import ddpm.data.source.*;
import ddpm.engine.backend.*;
import ddpm.engine.backend.cpu.*;
import ddpm.engine.nn.*;
import ddpm.engine.optim.*;
import ddpm.engine.tensor.*;
ImageSet data = DataSources.load(new DataSpec("glyphs", Channels.GREY, null, 1, 6000));
Tensor images(Scope scope, int from, int n) {
    float[] x = new float[n * 784];
    for (int i = 0; i < x.length; i++) x[i] = (data.images()[from + i / 784][i % 784] & 255) / 255f;
    return scope.tensor(Shape.of(n, 28, 28, 1), x);
}
int[] labels(int from, int n) { return java.util.Arrays.copyOfRange(data.classes().of(), from, from + n); }
var p = new Parameters(new CpuBackend(Precision.FP32), 1);
var first = new Conv2d(p, "first", 1, 16, 3, 2, 1);
var second = new Conv2d(p, "second", 16, 32, 3, 2, 1);
var last = new Conv2d(p, "last", 32, 10, 7, 1, 0);
Tensor net(Tensor x) { return x.into(first::forward).into(Tensor::relu).into(second::forward).into(Tensor::relu).into(last::forward); }
var learner = Learner.adam(p, 2e-3);
for (int at = 0; at < 5000; at += 50) {
    int from = at;
    learner.step(s -> net(images(s, from, 50)).crossEntropy(s.tensor(Shape.of(50), labels(from, 50))));
}
int right = 0;
try (var s = Scope.on(p.backend())) {
    float[] y = net(images(s, 5000, 1000)).toFloats();
    for (int i = 0; i < 1000; i++) {
        int best = 0;
        for (int k = 1; k < 10; k++) best = y[10 * i + k] > y[10 * i + best] ? k : best;
        right += best == labels(5000 + i, 1)[0] ? 1 : 0;
    }
}
System.out.printf(java.util.Locale.ROOT, "%,d parameters, %d steps%n", p.count(), learner.steps());
System.out.println(right > 950 ? "more than 950 of 1,000 other images are told apart rightly" : right + " of 1,000");
/exit
