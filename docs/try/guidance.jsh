// one pixel, two classes: normal around -0.5 and around 0.5, both of deviation 0.5. The best prediction is a formula
import ddpm.diffusion.*;
import ddpm.diffusion.reverse.*;
import ddpm.diffusion.prediction.*;
import ddpm.diffusion.schedule.*;
import ddpm.diffusion.solver.*;
import ddpm.engine.backend.*;
import ddpm.engine.backend.cpu.*;
import ddpm.engine.tensor.*;
var backend = new CpuBackend(Precision.FP32);
var schedule = ScheduleConfig.reference().schedule();
double guess(double mean, double a, double s, double x) { // of x_0 in a class, given x_t
    return mean + a * 0.25 / (a * a * 0.25 + s * s) * (x - a * mean);
}
double best(int label, double a, double s, double x) {
    double one = 1 / (1 + Math.exp(-a * x / (a * a * 0.25 + s * s))); // share of class 1 given x_t
    double share = label < 0 ? one : label;
    return share * guess(0.5, a, s, x) + (1 - share) * guess(-0.5, a, s, x);
}
Denoiser network = (xt, time, condition) -> {
    double a = schedule.signal(time.toFloats()[0]);
    double s = schedule.noise(time.toFloats()[0]);
    float[] x = xt.toFloats();
    int[] label = condition.label().toInts();
    for (int i = 0; i < x.length; i++) {
        x[i] = (float) ((x[i] - a * best(label[i], a, s, x[i])) / s);
    }
    return xt.scope().tensor(xt.shape(), x);
};
void draw(Guidance guidance) {
    double[] times = Spacing.TRAILING.times(schedule, 100, true);
    Plan plan = new Ddim(0, true).plan(Course.over(schedule, new Eps(), times));
    int[] ones = new int[2000];
    java.util.Arrays.fill(ones, 1);
    try (var scope = Scope.on(backend)) {
        Denoiser guided = new Guided(network, guidance, schedule.timesteps());
        var process = new ReverseProcess(guided, Condition.of(scope, ones), plan, 1);
        float[] x = process.draw(scope, new Nhwc(2000, 1, 1, 1), 0, Observer.none()).toFloats();
        double mean = 0, square = 0, other = 0;
        for (float v : x) {
            mean += v / 2000.0;
            square += v * v / 2000.0;
            other += v < 0 ? 1 / 2000.0 : 0;
        }
        System.out.printf(java.util.Locale.ROOT, "w = %.1f from %.1f to %.1f: mean %5.2f, deviation %.2f, below 0 %4.1f %%%n",
                guidance.scale(), guidance.from(), guidance.to(), mean, Math.sqrt(square - mean * mean), 100 * other);
    }
}
for (double w : new double[] {0, 1, 1.5, 3, 6}) draw(new Guidance(w, 0));
draw(new Guidance(3, 0, 0.1, 0.6));
backend.close();
/exit
