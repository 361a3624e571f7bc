package ddpm.engine.optim;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.backend.OptimizerOps.ClipStep;
import ddpm.engine.nn.Parameter;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Scaling gradients down to a global norm, as torch.nn.utils.clip_grad_norm_. Pascanu et al. 2013, section 3.2. */
public final class GradientClip {
    private static final int SHOWN = 3;

    private GradientClip() {}

    /**
     * Measures the global norm and leaves it, the factor that Adam puts on every gradient and whether all is finite in
     * {@code memory}, the loss and the norm in the step's slot.
     *
     * @param maxNorm 0 for no clipping
     */
    public static void measure(
            Parameters parameters, Gradients gradients, Tensor loss, double maxNorm, StepMemory memory) {
        measure(parameters, of(parameters, gradients), loss, maxNorm, memory);
    }

    /** As the other. @param gradients one per parameter, in their order */
    public static void measure(
            Parameters parameters, List<Tensor> gradients, Tensor loss, double maxNorm, StepMemory memory) {
        parameters
                .backend()
                .optimizer()
                .clip(
                        new ClipStep((float) maxNorm),
                        memory.update().buffer(),
                        loss.buffer(),
                        gradients.stream().map(Tensor::count).toList(),
                        gradients.stream().map(Tensor::buffer).toList(),
                        memory.state().buffer(),
                        memory.results().buffer());
    }

    /** What is wrong where the global norm is not finite: the parameters whose gradient is NaN or infinite. */
    public static NotFiniteException notFinite(Parameters parameters, Gradients gradients, float norm) {
        return notFinite(parameters, of(parameters, gradients), norm);
    }

    /** As the other. @param gradients one per parameter, in their order */
    public static NotFiniteException notFinite(Parameters parameters, List<Tensor> gradients, float norm) {
        List<Parameter> list = parameters.list();
        List<String> names = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            if (!finite(gradients.get(i).toFloats())) {
                names.add(list.get(i).name());
            }
        }
        String more = names.size() > SHOWN ? " and " + (names.size() - SHOWN) + " more" : "";
        String from = names.isEmpty()
                ? "all of them finite but too large together"
                : "from " + String.join(", ", names.subList(0, Math.min(SHOWN, names.size()))) + more;
        return new NotFiniteException("the global norm of the gradients is " + norm + ", " + from
                + "; lower the learning rate, or clip the gradients at a smaller norm");
    }

    private static boolean finite(float[] values) {
        for (float v : values) {
            if (!Float.isFinite(v)) {
                return false;
            }
        }
        return true;
    }

    private static List<Tensor> of(Parameters parameters, Gradients gradients) {
        return parameters.tensors().stream().map(gradients::of).toList();
    }
}
