// a 3x3 convolution at sizes of the U-Net: the fastest of many calls, as others may use this machine too,
// after three seconds of calls that are not timed: until Java has compiled its loops it interprets them
import ddpm.engine.backend.*;
import ddpm.engine.backend.cpu.*;
import ddpm.engine.tensor.*;
var backend = new CpuBackend(Precision.FP32);
double fastest(Runnable body) {
    double least = Double.MAX_VALUE;
    for (long warm = System.nanoTime() + 3_000_000_000L; System.nanoTime() < warm; ) {
        body.run();
    }
    for (int i = 0; i < 50; i++) {
        long began = System.nanoTime();
        body.run();
        least = Math.min(least, (System.nanoTime() - began) / 1e9);
    }
    return least;
}
void measure(int n, int hw, int in, int out) {
    double flops = 2.0 * n * hw * hw * 9 * in * out;
    try (var data = Scope.on(backend)) {
        var x = data.leaf(Shape.of(n, hw, hw, in), new float[n * hw * hw * in]);
        var w = data.leaf(Shape.of(out, 3, 3, in), new float[out * 9 * in]);
        var b = data.leaf(Shape.of(out), new float[out]);
        double forward = fastest(() -> {
            try (var step = Scope.on(backend)) {
                x.in(step).conv2d(w, b, 1, 1);
            }
        });
        double all = fastest(() -> {
            try (var step = Scope.recording(backend)) {
                step.tape().backward(x.in(step).conv2d(w, b, 1, 1).mean());
            }
        });
        System.out.printf("%dx%dx%dx%d to %d: forward %.2f ms, %.0f GFLOP/s; with backward %.2f ms, %.0f GFLOP/s%n",
                n, hw, hw, in, out, forward * 1e3, flops / forward / 1e9, all * 1e3, 3 * flops / all / 1e9);
    }
}
measure(64, 28, 32, 32);
measure(64, 14, 64, 64);
measure(64, 7, 256, 256);
backend.close();
/exit
