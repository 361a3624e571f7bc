package ddpm.evaluate.network;

import ddpm.config.ImageSize;
import ddpm.engine.backend.Backend;
import ddpm.engine.nn.Conv2d;
import ddpm.engine.nn.GroupNorm;
import ddpm.engine.nn.Init;
import ddpm.engine.nn.Linear;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.evaluate.measure.Rows;
import java.util.ArrayList;
import java.util.List;

/**
 * A convolution net from an image to {@value #FEATURES} numbers, its features, and from them to classes: stages of a convolution
 * with stride 2, group normalisation and SiLU until no side is longer than {@value #SMALLEST}, then a convolution whose window is
 * all that is left, then, behind a SiLU, a linear layer to the classes.
 */
public final class FeatureNet implements AutoCloseable {
    /** Numbers of an image. */
    public static final int FEATURES = 64;

    private static final int SMALLEST = 4; // pixels
    private static final int FIRST_WIDTH = 32;
    private static final int WIDTH = 64;
    private static final int GROUPS = 8;
    private static final int BATCH = 500; // images at a time
    private static final float HALF = 127.5f; // of a byte's range

    private final Parameters parameters;
    private final Of of;
    private final List<Stage> stages = new ArrayList<>();
    private final Tensor window;
    private final Tensor windowBias;
    private final Linear head; // null where there are no classes

    /**
     * What images it takes and what it tells apart.
     *
     * @param channels 1 or 3
     * @param classes 0 for a net that only makes features
     */
    public record Of(ImageSize size, int channels, int classes) {}

    private record Stage(Conv2d conv, GroupNorm norm) {}

    /** Features, and the chances of the classes. @param chances [images][classes]; empty rows where there are no classes */
    public record Seen(Rows features, float[][] chances) {}

    /** Makes the layers in {@code parameters}, which it owns. */
    public FeatureNet(Parameters parameters, Of of) {
        this.parameters = parameters;
        this.of = of;
        int h = of.size.height();
        int w = of.size.width();
        int in = of.channels;
        do {
            boolean first = stages.isEmpty();
            int width = first ? FIRST_WIDTH : WIDTH;
            int side = first ? 5 : 3;
            String name = "stages." + stages.size();
            stages.add(new Stage(
                    new Conv2d(parameters, name + ".conv", in, width, side, 2, side / 2),
                    new GroupNorm(parameters, name + ".norm", GROUPS, width)));
            in = width;
            h = (h + 1) / 2;
            w = (w + 1) / 2;
        } while (Math.max(h, w) > SMALLEST);
        Shape whole = Shape.of(FEATURES, in, h, w);
        this.window = parameters.create("window.weight", whole, Init.kaimingUniform(whole));
        this.windowBias = parameters.create("window.bias", Shape.of(FEATURES), Init.kaimingUniform(whole));
        this.head = of.classes == 0 ? null : new Linear(parameters, "head", FEATURES, of.classes);
    }

    /** One whose weights are those of a seed: features that nobody has taught anything. */
    public static FeatureNet random(Backend backend, ImageSize size, int channels) {
        return new FeatureNet(new Parameters(backend, 0), new Of(size, channels, 0));
    }

    public Of of() {
        return of;
    }

    public Parameters parameters() {
        return parameters;
    }

    /** [N,H,W,C] in -1 .. 1 to features [N,1,1,{@value #FEATURES}]. */
    Tensor features(Tensor x) {
        Tensor y = x;
        for (Stage stage : stages) {
            Tensor of = stage.conv.forward(y);
            if (y != x) {
                y.discard();
            }
            y = of.into(stage.norm::forwardSilu);
        }
        return y.into(last -> last.conv2d(window, windowBias, 1, 0));
    }

    /** Features [N,1,1,F] to what the softmax takes, [N,1,1,classes]. */
    Tensor classes(Tensor features) {
        return head.forward(features.silu());
    }

    /** The images of {@code pixels}, 0 .. 255, as the net takes them. */
    Tensor images(Scope scope, Rows pixels, int[] which) {
        int length = pixels.dim();
        float[] values = new float[which.length * length];
        for (int i = 0; i < which.length; i++) {
            pixels.copy(which[i], values, i * length);
        }
        for (int k = 0; k < values.length; k++) {
            values[k] = values[k] / HALF - 1;
        }
        return scope.tensor(Shape.of(which.length, of.size.height(), of.size.width(), of.channels), values);
    }

    /** What it makes of images. @param pixels [images][H,W,C], 0 .. 255 */
    public Seen see(Rows pixels) {
        float[] features = new float[pixels.count() * FEATURES];
        float[][] chances = new float[pixels.count()][of.classes];
        for (int first = 0; first < pixels.count(); first += BATCH) {
            int[] which = new int[Math.min(BATCH, pixels.count() - first)];
            for (int i = 0; i < which.length; i++) {
                which[i] = first + i;
            }
            try (Scope scope = Scope.on(parameters.backend())) {
                Tensor f = features(images(scope, pixels, which));
                System.arraycopy(f.toFloats(), 0, features, first * FEATURES, which.length * FEATURES);
                if (head != null) {
                    float[] scores = classes(f).toFloats();
                    for (int i = 0; i < which.length; i++) {
                        softmax(scores, i * of.classes, chances[first + i]);
                    }
                }
            }
        }
        return new Seen(Rows.of(FEATURES, features), chances);
    }

    private static void softmax(float[] scores, int at, float[] into) {
        float most = Float.NEGATIVE_INFINITY;
        for (int k = 0; k < into.length; k++) {
            most = Math.max(most, scores[at + k]);
        }
        double sum = 0;
        for (int k = 0; k < into.length; k++) {
            sum += Math.exp(scores[at + k] - most);
        }
        for (int k = 0; k < into.length; k++) {
            into[k] = (float) (Math.exp(scores[at + k] - most) / sum);
        }
    }

    @Override
    public void close() {
        parameters.close();
    }
}
