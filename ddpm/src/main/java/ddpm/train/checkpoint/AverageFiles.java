package ddpm.train.checkpoint;

/** What the files of averages are called, beside {@link Checkpoint#EMA}, that of the first. */
public final class AverageFiles {
    /** Of an average whose width is a share of the training. */
    static final String POWER = "ema-power-";

    private static final String SUFFIX = ".safetensors";

    private AverageFiles() {}

    /** The file of an average that is not the first. */
    public static String ofDecay(double decay) {
        return "ema-" + decay + SUFFIX;
    }

    /** The file of an average of a relative width. */
    public static String ofWidth(double std) {
        return POWER + std + SUFFIX;
    }

    /** The relative width that a file's name tells. */
    static double widthOf(String file) {
        return Double.parseDouble(file.substring(POWER.length(), file.length() - SUFFIX.length()));
    }
}
