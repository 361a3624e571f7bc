package ddpm.engine.backend;

import java.util.List;

/** Updates of all parameters at once. */
public interface OptimizerOps {
    /**
     * What one parameter brings along.
     *
     * @param n elements
     * @param p in and out, the parameter
     * @param grad in, its gradient
     * @param m in and out, running mean of the gradient
     * @param v in and out, running mean of its square
     */
    record Slot(long n, Buffer p, Buffer grad, Buffer m, Buffer v) {}

    /**
     * Global norm of the gradients, its scale, and whether training may go on. The squares are summed in double in a fixed
     * order; norm is their root, in state and results rounded to float.
     *
     * <pre>
     * state[0] = norm    state[1] = maxNorm == 0 ? 1 : min(1, maxNorm / (norm + 1e-6))
     * state[2] = 0 once a loss or a norm was not finite, and stays 0; else as it was (the host writes a 1 at first)
     * results[2 * slot] = loss    results[2 * slot + 1] = norm
     * </pre>
     *
     * @param numbers in, {@link UpdateNumbers}: slot
     * @param loss in, one element
     * @param n elements of each gradient
     * @param state in and out, [4]
     * @param results out, [slots * 2]: the other slots stay
     */
    void clip(ClipStep g, Buffer numbers, Buffer loss, List<Long> n, List<Buffer> grads, Buffer state, Buffer results);

    /**
     * One Adam or AdamW update of every slot; nothing where state[2] == 0. In float, in this order:
     *
     * <pre>
     * w = p * keep    d = grad * state[1] + l2 * w
     * m = m * beta1 + d * (1 - beta1)    v = v * beta2 + d * d * (1 - beta2)
     * p = w - stepSize * m / (sqrt(v) * rootScale + eps)
     * </pre>
     *
     * @param g constants; without {@link AdamStep#decays} keep counts as 1 and l2 as 0
     * @param numbers in, {@link UpdateNumbers}: keep, stepSize, rootScale
     * @param state in, [4], see {@link #clip}
     */
    void adam(AdamStep g, Buffer numbers, Buffer state, List<Slot> slots);

    /**
     * What one parameter brings along to {@link #sgd}.
     *
     * @param n elements
     * @param p in and out, the parameter
     * @param grad in, its gradient
     * @param velocity in and out, the sum of its gradients, older ones fading; zeros before the first update
     */
    record SgdSlot(long n, Buffer p, Buffer grad, Buffer velocity) {}

    /**
     * One update by gradient descent with momentum of every slot; nothing where state[2] == 0. In float, in this order:
     *
     * <pre>
     * d = grad * state[1] + l2 * p    velocity = velocity * momentum + d
     * p = p - stepSize * velocity     Nesterov's: p = p - stepSize * (d + momentum * velocity)
     * </pre>
     *
     * @param numbers in, {@link UpdateNumbers}: stepSize, here the learning rate itself
     * @param state in, [4], see {@link #clip}
     */
    void sgd(SgdStep g, Buffer numbers, Buffer state, List<SgdSlot> slots);

    /**
     * ema = ema + (p - ema) * emaRest[which]; nothing where state[2] == 0.
     *
     * @param which of the averages this is
     * @param numbers in, {@link UpdateNumbers}: emaRest
     * @param state in, [4], see {@link #clip}
     * @param n elements of each pair
     */
    void ema(int which, Buffer numbers, Buffer state, List<Long> n, List<Buffer> p, List<Buffer> ema);

    /**
     * What stays the same in all Adam or AdamW updates of a training, Kingma &amp; Ba 2015 and Loshchilov &amp; Hutter 2019
     * in PyTorch's form. Learning rate and bias corrections are in {@link UpdateNumbers}. Backends compute 1 - beta in double
     * and round each number to float once.
     *
     * @param beta1 decay of the mean
     * @param beta2 decay of the square
     * @param eps added to the root
     * @param l2 weight decay as part of the gradient (Adam); 0 for AdamW, whose decay is {@link UpdateNumbers#keep}
     * @param decays whether these parameters decay; without it keep counts as 1 and l2 as 0
     */
    record AdamStep(double beta1, double beta2, double eps, double l2, boolean decays) {}

    /**
     * What stays the same in all updates of {@link #sgd}, in PyTorch's form without dampening. Sutskever et al. 2013, section 2.
     *
     * @param momentum what is left of the velocity, in [0,1)
     * @param l2 weight decay as part of the gradient; 0 for parameters that do not decay
     * @param nesterov whether the gradient is taken where the velocity leads
     */
    record SgdStep(float momentum, float l2, boolean nesterov) {}

    /**
     * Scaling of all gradients to a global norm, as torch.nn.utils.clip_grad_norm_. Pascanu et al. 2013, section 3.2.
     *
     * @param maxNorm 0 for no scaling
     */
    record ClipStep(float maxNorm) {
        /** PyTorch's: keeps the factor finite where the norm is 0. */
        public static final double EPS = 1e-6;
    }

    /**
     * The numbers that change from one update of the parameters to the next. They lie in device memory, I32 [{@link
     * #WORDS}], and are written before the update: so the update itself is the same every time and can be recorded once and
     * replayed.
     *
     * <pre>
     * word  0     1     2         3          4 .. 11  12 .. 15
     *       slot  keep  stepSize  rootScale  emaRest  0
     * </pre>
     *
     * Words 1 to 11 are the bits of floats.
     *
     * @param slot place of this step in the results
     * @param keep factor on every parameter that decays: 1 - lr * weightDecay for AdamW, else 1
     * @param stepSize lr / (1 - beta1^k) for update number k, from 1; of {@link #sgd} lr
     * @param rootScale 1 / sqrt(1 - beta2^k)
     * @param emaRest 1 - decay of each average, {@link #MOST_AVERAGES} at most
     */
    record UpdateNumbers(int slot, float keep, float stepSize, float rootScale, float... emaRest) {
        /** Size in words, 64 bytes. */
        public static final int WORDS = 16;

        public static final int SLOT = 0;
        public static final int KEEP = 1;
        public static final int STEP_SIZE = 2;
        public static final int ROOT_SCALE = 3;
        public static final int EMA_REST = 4;

        public static final int MOST_AVERAGES = 8;

        /** @throws IllegalArgumentException for more averages than there are words */
        public UpdateNumbers {
            if (emaRest.length > MOST_AVERAGES) {
                throw new IllegalArgumentException(
                        "update numbers: " + emaRest.length + " averages, at most " + MOST_AVERAGES);
            }
            emaRest = emaRest.clone();
        }

        @Override
        public float[] emaRest() {
            return emaRest.clone();
        }

        /** What lies in device memory. */
        public int[] toWords() {
            int[] words = new int[WORDS];
            words[SLOT] = slot;
            words[KEEP] = Float.floatToRawIntBits(keep);
            words[STEP_SIZE] = Float.floatToRawIntBits(stepSize);
            words[ROOT_SCALE] = Float.floatToRawIntBits(rootScale);
            for (int i = 0; i < emaRest.length; i++) {
                words[EMA_REST + i] = Float.floatToRawIntBits(emaRest[i]);
            }
            return words;
        }
    }
}
