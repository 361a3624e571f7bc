// the variance of 784 values with mean 3000 and standard deviation 1, in float, in one pass and in two
import ddpm.diffusion.Streams;
import ddpm.engine.backend.*;
import ddpm.engine.backend.cpu.*;
import ddpm.engine.random.*;
import ddpm.engine.tensor.*;
float[] x = new float[784];
Normals.fill(1, Streams.START, 0, 0, x, 0, x.length);
for (int i = 0; i < x.length; i++) {
    x[i] += 3000;
}
float sum = 0;
float squares = 0;
double exact = 0;
for (float v : x) {
    sum += v;
    squares += v * v;
    exact += v / 784.0;
}
float mean = sum / 784;
float running = 0;
float m2 = 0;
for (int k = 1; k <= 784; k++) {
    float d = x[k - 1] - running;
    running += d / k;
    m2 += d * (x[k - 1] - running);
}
float centred = 0;
double variance = 0;
for (float v : x) {
    centred += (v - mean) * (v - mean);
    variance += (v - exact) * (v - exact) / 784;
}
System.out.printf("in double          %.4f%n", variance);
System.out.printf("E[x^2] - mean^2    %.4f%n", squares / 784 - mean * mean);
System.out.printf("Welford            %.4f%n", m2 / 784);
System.out.printf("sum (x - mean)^2   %.4f%n", centred / 784);
var backend = new CpuBackend(Precision.FP32);
try (var scope = Scope.on(backend)) {
    var one = scope.tensor(Shape.of(1), new float[] {1});
    var y = scope.tensor(Shape.of(1, 28, 28, 1), x).groupNorm(one, scope.zeros(Shape.of(1)), 1, 1e-5f);
    System.out.printf("groupNorm, x[0]    %.4f, exactly %.4f%n", y.toFloats()[0], (x[0] - exact) / Math.sqrt(variance + 1e-5));
}
backend.close();
/exit
