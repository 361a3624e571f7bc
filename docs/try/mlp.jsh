// two layers that tell digits apart, on the built-in glyphs; jshell -R-Dmnist=FOLDER takes MNIST's four files
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
var train = digits("train", 1, 12000);
var test = digits("t10k", 2, 1000);
var p = new Parameters(new CpuBackend(Precision.FP32), 1);
var hidden = new Linear(p, "hidden", 784, 128);
var last = new Linear(p, "last", 128, 10);
Tensor net(Tensor x) { return x.into(hidden::forward).into(Tensor::relu).into(last::forward); }
var learner = Learner.sgd(p, 0.1, 0.9);
for (int at = 0; at < train.count(); at += 50) {
    int from = at;
    learner.step(s -> net(train.rows(s, from, 50)).crossEntropy(train.labels(s, from, 50)));
}
int right = 0;
for (int from = 0; from < test.count(); from += 100)
    try (var s = Scope.on(p.backend())) { right += test.right(net(test.rows(s, from, 100)), from); }
String found = folder == null && right > 950 ? "more than 950" : "" + right;
System.out.printf("%d steps, then %s of %d other images are told apart rightly%n", learner.steps(), found, test.count());
/exit
