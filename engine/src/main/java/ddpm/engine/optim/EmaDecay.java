package ddpm.engine.optim;

/**
 * The decay d of a moving average, {@code average = d * average + (1 - d) * parameter}, of each update of a training. Early
 * averages forget fast, since the first parameters are bad:
 *
 * <pre>
 * n = max(0, step - updateAfterStep - 1)        d = 0 where n = 0, else max(minDecay, min(decay, rise(n)))
 * </pre>
 *
 * With a power of 3/4, 10,000 updates lead to 0.999 and 215,000 to 0.9999.
 *
 * @param decay the most it becomes, in [0,1)
 * @param minDecay the least it is once n is above 0, in [0,decay]
 * @param updateAfterStep updates until which the average is a copy of the parameters, at least 0
 * @param rise from 0 towards 1
 */
public record EmaDecay(double decay, double minDecay, long updateAfterStep, Rise rise) {
    /** How d rises with the number n of updates that the average already holds. */
    @FunctionalInterface
    public interface Rise {
        double at(long n);
    }

    /** (1 + n) / (10 + n), as TensorFlow's ExponentialMovingAverage with num_updates. */
    public static final Rise COUNTED = n -> (1.0 + n) / (10.0 + n);

    /** 1 - (1 + n / invGamma)^-power: power 3/4 for a million updates or more, 2/3 for fewer. */
    public static Rise power(double invGamma, double power) {
        return n -> 1 - Math.pow(1 + n / invGamma, -power);
    }

    /** @throws IllegalArgumentException for numbers out of range */
    public EmaDecay {
        if (!(minDecay >= 0 && minDecay <= decay && decay < 1) || updateAfterStep < 0) {
            throw new IllegalArgumentException("ema: decay " + decay + ", least decay " + minDecay
                    + ", updates from step " + updateAfterStep + "; needed is 0 <= least <= decay < 1 and steps >= 0");
        }
    }

    /** Rising to that decay from the first update on. */
    public static EmaDecay of(double decay, Rise rise) {
        return new EmaDecay(decay, 0, 0, rise);
    }

    /** d of an update; the first is 1. */
    public double at(long step) {
        long n = Math.max(0, step - updateAfterStep - 1);
        return n == 0 ? 0 : Math.max(minDecay, Math.min(decay, rise.at(n)));
    }
}
