package ddpm.diffusion.solver;

import ddpm.diffusion.Schedule;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A second-order step by the midpoint in log sigma to less noise than the next level has, and fresh noise up to it. As
 * k-diffusion's sample_dpmpp_2s_ancestral, in sigma space: {@code middle = sqrt(sigma down)}, each half step {@code x = to / from
 * x + (1 - to / from) D}.
 *
 * @param eta share of the noise that is fresh; 1 in most uses
 */
public record DpmPlusPlus2SAncestral(double eta) implements Solver {
    private static final int START = 0;

    @Override
    public Plan plan(Course given) {
        Course course = given.inSigmaSpace();
        return course.plan((i, from, to, stages) -> add(course, from, to, stages));
    }

    private void add(Course course, Level from, Level to, List<Stage> stages) {
        Clip clip = course.clip();
        double up = Math.min(to.noise(), Ddim.ancestralSd(from, to, eta));
        double down = Math.sqrt(to.noise() * to.noise() - up * up);
        if (down == 0) {
            stages.add(Stage.at(from, clip, stages.size(), next -> next.x0(1)).sd(up));
            return;
        }
        double middle = Math.sqrt(from.noise() * down);
        double half = middle / from.noise();
        double whole = down / from.noise();
        stages.add(Stage.at(from, clip, stages.size(), next -> next.x(half).x0(1 - half))
                .within()
                .save(START, start -> start.x(1)));
        stages.add(Stage.at(course.betweenInSigmaSpace(middle), clip, stages.size(), next -> next.slot(START, whole)
                        .x0(1 - whole))
                .sd(up));
    }

    @Override
    public String unfit(Schedule schedule) {
        return schedule.variancePreserving() || schedule.signal(schedule.timesteps() - 1) == 1
                ? ""
                : "its half steps are in x_0 + sigma eps, which a flow begins infinitely far out; take euler_ancestral";
    }

    @Override
    public Set<Option> uses() {
        return EnumSet.of(Option.ETA, Option.CLIP);
    }
}
