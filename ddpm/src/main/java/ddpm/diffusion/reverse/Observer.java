package ddpm.diffusion.reverse;

import ddpm.diffusion.solver.Stage;
import ddpm.engine.tensor.Tensor;

/** Watches images emerge, one batch after the other; a trajectory, a progress bar, a measurement. */
public interface Observer {
    /**
     * What has just been done; the tensors are valid during the call.
     *
     * @param firstImage number of the batch's first image
     * @param evaluation how often the network has been asked for this batch, from 1
     * @param stage of the solver's table
     * @param x what it started from
     * @param next what it led to; after the last stage, the images
     * @param x0 the estimate of the images
     */
    record Moment(long firstImage, int evaluation, Stage stage, Tensor x, Tensor next, Tensor x0) {}

    /** After a stage that asked the network. */
    void see(Moment moment);

    /** Does the stage that asks the network for the {@code evaluation}-th time; whoever measures it does it in a way of his own. */
    default void take(long firstImage, int evaluation, Runnable stage) {
        stage.run();
    }

    /** The same for images whose numbers begin at 0 and are to be called {@code first} and so on. */
    default Observer from(long first) {
        Observer watching = this;
        return new Observer() {
            @Override
            public void see(Moment m) {
                watching.see(new Moment(first + m.firstImage(), m.evaluation(), m.stage(), m.x(), m.next(), m.x0()));
            }

            @Override
            public void take(long firstImage, int evaluation, Runnable stage) {
                watching.take(first + firstImage, evaluation, stage);
            }
        };
    }

    /** Watches nothing. */
    static Observer none() {
        return moment -> {};
    }
}
