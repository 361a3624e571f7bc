// a convolutional network that tells digits apart, on the built-in glyphs; jshell -R-Dmnist=FOLDER takes MNIST's four files
import ddpm.data.*;
import ddpm.data.source.*;
import ddpm.engine.backend.*;
import ddpm.engine.backend.cpu.*;
import ddpm.engine.nn.*;
import ddpm.engine.optim.*;
import ddpm.engine.tensor.*;
String folder = System.getProperty("mnist");
Examples digits(String part, int seed, int count) {
    String source = folder == null ? "glyphs" : folder + "/" + part + "-images-idx3-ubyte.gz";
    return new Examples(DataSources.load(new DataSpec(source, Channels.GREY, null, seed, count)));
}
var train = digits("train", 1, 3000);
var test = digits("t10k", 2, 1000);
var p = new Parameters(new CpuBackend(Precision.FP32), 1);
var first = new Conv2d(p, "first", 1, 16, 3, 1, 1);
var second = new Conv2d(p, "second", 16, 32, 3, 1, 1);
var dropout = new Dropout(p, 0.25);
var last = new Conv2d(p, "last", 32, 10, 7, 1, 0);
Tensor half(Tensor x) { return x.into(y -> y.maxPool2d(2, 2)).into(Tensor::relu); }
Tensor net(Tensor x) { return half(half(x.into(first::forward)).into(second::forward)).into(dropout::forward).into(last::forward); }
var learner = Learner.adam(p, 2e-3);
int shown = 2 * train.count(); // each image twice
long start = System.nanoTime();
for (int at = 0; at < shown; at += 50) {
    int from = at % train.count();
    learner.rate(2e-3 * (shown - at) / shown);
    learner.step(s -> net(train.images(s, from, 50)).crossEntropy(train.labels(s, from, 50)));
}
if (folder != null) System.out.println((System.nanoTime() - start) / 1e9 + " s");
int right = 0;
for (int from = 0; from < test.count(); from += 100)
    try (var s = Scope.on(p.backend())) { right += test.right(net(test.images(s, from, 100)), from); }
String found = folder == null && right > 950 ? "more than 950" : "" + right;
System.out.printf("%d steps, then %s of %d other images are told apart rightly%n", learner.steps(), found, test.count());
/exit
