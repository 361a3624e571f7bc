package ddpm.engine.testing;

import ddpm.engine.backend.ElementwiseOps.Function;
import ddpm.engine.backend.ElementwiseOps.Pair;
import org.apache.commons.numbers.gamma.Erfc;

/** {@link Function} and {@link Pair} in double. */
public final class Functions {
    private Functions() {}

    public static double value(Function f, double x) {
        return switch (f) {
            case RELU -> Math.max(x, 0);
            case GELU -> x * share(x);
            case TANH -> Math.tanh(x);
            case SIGMOID -> 1 / (1 + Math.exp(-x));
            case EXP -> Math.exp(x);
            case LOG -> Math.log(x);
            case SQRT -> Math.sqrt(x);
            case GELU_TANH -> x * (1 + Math.tanh(argument(x))) / 2;
        };
    }

    public static double slope(Function f, double x) {
        return switch (f) {
            case RELU -> x > 0 ? 1 : 0;
            case GELU -> share(x) + x * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
            case TANH -> Math.pow(Math.cosh(x), -2);
            case SIGMOID -> 1 / ((1 + Math.exp(-x)) * (1 + Math.exp(x)));
            case EXP -> Math.exp(x);
            case LOG -> 1 / x;
            case SQRT -> 0.5 / Math.sqrt(x);
            case GELU_TANH -> geluTanhSlope(x);
        };
    }

    public static double of(Pair pair, double a, double b) {
        return switch (pair) {
            case SUBTRACT -> a - b;
            case MULTIPLY -> a * b;
            case DIVIDE -> a / b;
        };
    }

    /** What tanh is taken of. */
    private static double argument(double x) {
        return Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
    }

    private static double geluTanhSlope(double x) {
        double inner = Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x);
        double flat = Math.abs(x) > 100 ? 0 : Math.pow(Math.cosh(argument(x)), -2); // x cosh^-2 is 0 long before
        return (1 + Math.tanh(argument(x)) + x * inner * flat) / 2;
    }

    /** Of a normal distribution, what lies below x. */
    private static double share(double x) {
        return Erfc.value(-x / Math.sqrt(2)) / 2;
    }

    /** Whether f is known for positive x only. */
    public static boolean positive(Function f) {
        return f == Function.LOG || f == Function.SQRT;
    }
}
