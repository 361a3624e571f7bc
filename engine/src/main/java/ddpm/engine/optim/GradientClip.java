package ddpm.engine.optim;

import ddpm.engine.autograd.Gradients;
import ddpm.engine.nn.Parameter;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Scaling gradients down to a global norm, as torch.nn.utils.clip_grad_norm_. Pascanu et al. 2013, section 3.2. */
public final class GradientClip {
    /** PyTorch's: keeps the factor finite where the norm is 0. */
    private static final double EPS = 1e-6;

    private static final int SHOWN = 3;

    /**
     * The norm of all gradients and what to do about it.
     *
     * @param norm before clipping, finite
     * @param scale factor in (0,1] that Adam puts on every gradient
     */
    public record Result(double norm, float scale) {}

    private GradientClip() {}

    /**
     * The global norm and the factor min(1, maxNorm / (norm + 1e-6)).
     *
     * @param maxNorm 0 for no clipping
     * @throws NotFiniteException naming parameters whose gradient is NaN or infinite
     */
    public static Result measure(Parameters parameters, Gradients gradients, double maxNorm) {
        return measure(
                parameters, parameters.tensors().stream().map(gradients::of).toList(), maxNorm);
    }

    /** As {@link #measure(Parameters, Gradients, double)}. @param gradients one per parameter, in their order */
    public static Result measure(Parameters parameters, List<Tensor> gradients, double maxNorm) {
        double norm = norm(parameters, gradients);
        if (!Double.isFinite(norm)) {
            throw new NotFiniteException(
                    "the global norm of the gradients is " + norm + ", from " + culprits(parameters, gradients)
                            + "; lower the learning rate, or clip the gradients at a smaller norm");
        }
        return new Result(norm, scale(norm, maxNorm));
    }

    static float scale(double norm, double maxNorm) {
        return maxNorm == 0 ? 1 : (float) Math.min(1, maxNorm / (norm + EPS));
    }

    private static double norm(Parameters parameters, List<Tensor> gradients) {
        return parameters
                .backend()
                .optimizer()
                .globalNorm(
                        gradients.stream().map(Tensor::count).toList(),
                        gradients.stream().map(Tensor::buffer).toList());
    }

    private static String culprits(Parameters parameters, List<Tensor> gradients) {
        List<Parameter> list = parameters.list();
        List<String> names = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            if (!Double.isFinite(norm(parameters, List.of(gradients.get(i))))) {
                names.add(list.get(i).name());
            }
        }
        String more = names.size() > SHOWN ? " and " + (names.size() - SHOWN) + " more" : "";
        return String.join(", ", names.subList(0, Math.min(SHOWN, names.size()))) + more;
    }
}
