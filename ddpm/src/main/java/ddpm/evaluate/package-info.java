/**
 * How good drawn images are: {@link ddpm.evaluate.EvaluationSession} gets samples and real images, has them measured, and writes a
 * table, {@code evaluation.json} and {@code evaluation.html}. {@code Reality} is what a model is compared with, {@code Evaluation}
 * what came out, {@code Quantity} what each number means, {@code Verdict} what it says in words.
 * {@link ddpm.evaluate.QuickJudge} is the part that a training asks on the way; {@code Judges} finds the network for both.
 *
 * <p>Not here: the formulas ({@code ddpm.evaluate.measure}), the network that makes features ({@code ddpm.evaluate.network}), the
 * bits of held-out images ({@code ddpm.evaluate.likelihood}), and drawing the images ({@code ddpm.sample}). Start at {@link ddpm.evaluate.EvaluationSession}.
 */
package ddpm.evaluate;
