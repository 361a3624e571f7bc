package ddpm.verify.objectives;

import ddpm.engine.optim.Ema;

/**
 * The decay of an average that begins late and has a least value, as the reference's class of averages has it. Ours needs
 * neither: {@link Ema.Decay#warmedUp} is the rise alone, and holds 0.1 of the first parameters where this one holds none.
 *
 * <pre>
 * n = max(0, updates - after)        d = 0 where n = 0, else max(least, rise(n))
 * </pre>
 *
 * @param least the least that d is once n is above 0, in [0,1)
 * @param after updates until which the average is a copy of the parameters, at least 0
 * @param rise d after n updates
 */
record RisingDecay(double least, long after, Ema.Decay rise) implements Ema.Decay {
    /** @throws IllegalArgumentException for numbers out of range */
    RisingDecay {
        if (!(least >= 0 && least < 1) || after < 0) {
            throw new IllegalArgumentException(
                    "least decay " + least + " must be from 0 to below 1, updates until " + after + " at least 0");
        }
    }

    /**
     * min(decay, 1 - (1 + n / invGamma)^-power): power 3/4 for a million updates or more, 2/3 for fewer. With 3/4, 10,000
     * updates lead to 0.999 and 215,000 to 0.9999.
     */
    static Ema.Decay power(double decay, double invGamma, double power) {
        return n -> Math.min(decay, 1 - Math.pow(1 + n / invGamma, -power));
    }

    @Override
    public double at(long updates) {
        long n = Math.max(0, updates - after);
        return n == 0 ? 0 : Math.max(least, rise.at(n));
    }
}
