package ddpm.verify.given;

import ddpm.diffusion.Schedule;
import ddpm.diffusion.prediction.Eps;
import ddpm.diffusion.solver.Clip;
import ddpm.diffusion.solver.Course;
import ddpm.diffusion.solver.Ddpm;
import ddpm.diffusion.solver.Stage;

/** Single stages of solvers. */
public final class Steps {
    private Steps() {}

    /** From t to t-1, of a network that predicts eps. */
    public static Stage ddpm(Schedule schedule, int t, Clip clip) {
        double[] times = t == 0 ? new double[] {0} : new double[] {t, t - 1};
        return new Ddpm()
                .plan(Course.over(schedule, new Eps(), times).with(clip))
                .stages()
                .get(0);
    }
}
