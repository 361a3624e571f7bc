package ddpm.bench;

import ddpm.diffusion.Condition;
import ddpm.diffusion.reverse.Observer;
import ddpm.diffusion.reverse.ReverseProcess;
import ddpm.diffusion.solver.Plan;
import ddpm.engine.backend.Backend;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Tensor;
import ddpm.model.Model;
import ddpm.model.ModelConfig;
import ddpm.train.settings.RunConfig;
import ddpm.train.settings.SampleConfig;

/** The first steps of drawing a batch of images, which cost what every step costs. */
final class SyntheticSampling {
    /** On a GPU the first steps of a chain record what the others replay. */
    private static final int UNTIMED = 2;

    private final Backend backend;
    private final Model model;
    private final Nhwc images;
    private final Plan plan;

    SyntheticSampling(RunConfig config, Backend backend, Model model) {
        this.backend = backend;
        this.model = model;
        int steps = config.diffusion().timesteps();
        this.plan = new SampleConfig("ddpm", steps, 1, 0, "trailing", true, 0, 1)
                .plan(config.diffusion(), config.objective());
        ModelConfig m = config.model();
        this.images =
                new Nhwc(config.train().batch(), m.imSize().height(), m.imSize().width(), m.imChannels());
    }

    /** The most steps that a sample can have: a chain ends. */
    int most() {
        return plan.evaluations() - UNTIMED;
    }

    /** One sample of {@code steps} steps. @throws IllegalStateException where an image is not finite */
    void sample(int steps, Samples samples) {
        draw(UNTIMED + steps, moment -> {
            if (moment.evaluation() == UNTIMED) {
                backend.synchronize();
                samples.begin();
            } else if (moment.evaluation() == UNTIMED + steps) {
                backend.synchronize();
                samples.end(steps);
            }
        });
    }

    /** The first steps of a chain, waited for. @throws IllegalStateException where an image is not finite */
    void draw(int steps) {
        draw(steps, Observer.none());
    }

    private void draw(int steps, Observer observer) {
        Plan first = new Plan(plan.stages().subList(0, steps), plan.start(), plan.reached(steps - 1));
        try (Scope scope = Scope.on(backend)) {
            Tensor x = new ReverseProcess(model, Condition.NONE, first, 1).draw(scope, images, 0, observer);
            for (float v : x.toFloats()) {
                if (!Float.isFinite(v)) {
                    throw new IllegalStateException("sampling gave " + v);
                }
            }
        }
    }
}
