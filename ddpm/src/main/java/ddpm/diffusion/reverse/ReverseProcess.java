package ddpm.diffusion.reverse;

import ddpm.diffusion.Condition;
import ddpm.diffusion.Denoiser;
import ddpm.diffusion.Streams;
import ddpm.diffusion.solver.Plan;
import ddpm.diffusion.solver.Stage;
import ddpm.engine.backend.Nhwc;
import ddpm.engine.ops.StandardNormal;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;

/**
 * Draws images: the first x is noise, then the stages of a solver's table with the model's output. Image i of a run depends on
 * the seed and i alone, not on how many are drawn at once.
 *
 * @param model what is asked
 * @param condition what it is told
 * @param plan the solver's table
 * @param seed of the start and of the stages' noise
 */
public record ReverseProcess(Denoiser model, Condition condition, Plan plan, long seed) {
    /** The same for images of which the model is told something else. */
    public ReverseProcess with(Condition other) {
        return new ReverseProcess(model, other, plan, seed);
    }

    /** Images number firstImage .. firstImage+n-1 of the run, about [-1,1], in {@code scope}. */
    public Tensor draw(Scope scope, Nhwc images, long firstImage, Observer observer) {
        return draw(scope, images, firstImage, Edit.none(), observer);
    }

    /** As the other, with another beginning, or with something that is done between the steps. */
    public Tensor draw(Scope scope, Nhwc images, long firstImage, Edit edit, Observer observer) {
        Edit.Batch batch = new Edit.Batch(scope, images, firstImage);
        return run(edit.start(this, batch), firstImage, edit.between(this, batch), observer);
    }

    /** The same with another seed. */
    public ReverseProcess with(long other) {
        return new ReverseProcess(model, condition, plan, other);
    }

    /** The first x of the images. */
    public Tensor start(Scope scope, Nhwc images, long firstImage) {
        Tensor z = noise(scope, images, firstImage);
        return plan.start() == 1 ? z : z.scale((float) plan.start());
    }

    /** The standard normals that the images begin with. */
    public Tensor noise(Scope scope, Nhwc images, long firstImage) {
        return StandardNormal.draw(scope, Shape.of(images), seed, Streams.START, firstImage, 0);
    }

    /**
     * All stages from a given first x, which is written over: afterwards it holds the images.
     *
     * <p>They work on the same memory and differ only in the numbers written before each, so a device may record one of each
     * kind and replay it.
     */
    public Tensor run(Tensor start, long firstImage, Observer observer) {
        return run(start, firstImage, null, observer);
    }

    private Tensor run(Tensor start, long firstImage, Edit.Between between, Observer observer) {
        try (Chain chain = new Chain(this, start)) {
            int evaluation = 0;
            for (int i = 0; i < plan.stages().size(); i++) {
                Stage stage = plan.stages().get(i);
                if (!stage.evaluates()) {
                    chain.step(stage, firstImage);
                    continue;
                }
                evaluation++;
                observer.take(firstImage, evaluation, () -> chain.step(stage, firstImage));
                if (between != null && stage.endsStep()) {
                    between.change(start, plan.reached(i), stage.key());
                }
                observer.see(new Observer.Moment(firstImage, evaluation, stage, chain.x(), start, chain.x0()));
            }
        }
        return start;
    }
}
