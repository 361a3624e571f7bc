// images of one pixel that is -0.5 or 0.5: the best prediction is a formula, so no training is needed
import ddpm.diffusion.*;
import ddpm.engine.backend.*;
import ddpm.engine.backend.cpu.*;
import ddpm.engine.tensor.*;
var backend = new CpuBackend(Precision.FP32);
var schedule = new NoiseSchedule(ScheduleConfig.reference());
EpsModel best = (xt, t) -> {
    double a = schedule.signal(t.toInts()[0]);
    double s = schedule.noise(t.toInts()[0]);
    float[] x = xt.toFloats();
    for (int i = 0; i < x.length; i++) {
        double x0 = 0.5 * Math.tanh(0.5 * a * x[i] / (s * s)); // mean of x_0 given x_t
        x[i] = (float) ((x[i] - a * x0) / s);
    }
    return xt.scope().tensor(xt.shape(), x);
};
void draw(Sampler sampler) {
    try (var scope = Scope.on(backend)) {
        var x = new ReverseProcess(best, sampler, 1).draw(scope, new Nhwc(8, 1, 1, 1), 0, ReverseProcess.Listener.none());
        System.out.println(sampler);
        for (float v : x.toFloats()) {
            System.out.printf(" %5.2f", v);
        }
        System.out.println();
    }
}
draw(new DdpmSampler(schedule, true));
draw(new DdimSampler(schedule, 50, 1, DdimSampler.Spacing.TRAILING, true));
draw(new DdimSampler(schedule, 50, 0, DdimSampler.Spacing.TRAILING, true));
draw(new DdimSampler(schedule, 5, 0, DdimSampler.Spacing.TRAILING, true));
backend.close();
/exit
