// images of one pixel that is -0.5 or 0.5: the best prediction is a formula, so no training is needed
import ddpm.diffusion.*;
import ddpm.diffusion.prediction.*;
import ddpm.diffusion.reverse.Observer;
import ddpm.diffusion.reverse.ReverseProcess;
import ddpm.diffusion.schedule.*;
import ddpm.diffusion.solver.*;
import ddpm.engine.backend.*;
import ddpm.engine.backend.cpu.*;
import ddpm.engine.tensor.*;
var backend = new CpuBackend(Precision.FP32);
var schedule = ScheduleConfig.reference().schedule();
Denoiser best = (xt, time, condition) -> {
    double a = schedule.signal(time.toFloats()[0]);
    double s = schedule.noise(time.toFloats()[0]);
    float[] x = xt.toFloats();
    for (int i = 0; i < x.length; i++) {
        double x0 = 0.5 * Math.tanh(0.5 * a * x[i] / (s * s)); // mean of x_0 given x_t
        x[i] = (float) ((x[i] - a * x0) / s);
    }
    return xt.scope().tensor(xt.shape(), x);
};
void draw(String what, Solver solver, int steps) {
    double[] times = Spacing.TRAILING.times(schedule, steps, true);
    Plan plan = solver.plan(Course.over(schedule, new Eps(), times).with(Clip.TO_IMAGE));
    try (var scope = Scope.on(backend)) {
        var process = new ReverseProcess(best, Condition.NONE, plan, 1);
        var x = process.draw(scope, new Nhwc(8, 1, 1, 1), 0, Observer.none());
        System.out.println(what + ", " + steps + " steps, clipped");
        for (float v : x.toFloats()) {
            System.out.printf(" %5.2f", v);
        }
        System.out.println();
    }
}
draw("ddpm", new Ddpm(), 1000);
draw("ddim, eta 1", new Ddim(1, true), 50);
draw("ddim, eta 0", new Ddim(0, true), 50);
draw("ddim, eta 0", new Ddim(0, true), 5);
draw("dpmpp_2m", new DpmPlusPlus2M(0, false, true), 5);
// which t five steps visit
for (var spacing : Spacing.values()) {
    System.out.printf("%-9s", spacing.text());
    for (double t : spacing.times(schedule, 5, spacing != Spacing.KARRAS)) {
        System.out.printf(" %6.1f", t);
    }
    System.out.println();
}
backend.close();
/exit
