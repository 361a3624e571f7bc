package ddpm.model;

import ddpm.UserError;
import ddpm.config.Problems;

/**
 * How many classes a network knows, setting {@code model.classes} of every kind: {@code none}, a number, or {@code auto}, as many as
 * the images have, which a training settles before it makes the network.
 */
public final class ClassCount {
    /** The network is told no labels. */
    public static final String NONE = "none";

    /** As many as the images have; none where they have no labels. */
    public static final String AUTO = "auto";

    private static final int MOST = 1_000_000;

    private ClassCount() {}

    /** The number of classes; 0 for none. @throws UserError where it is {@code auto} still */
    public static int of(String classes) {
        if (classes.equals(AUTO)) {
            throw new UserError(
                    "model.classes: auto is settled by the images of a training; write none, or the number of"
                            + " classes that the weights have");
        }
        return classes.equals(NONE) ? 0 : Integer.parseInt(classes);
    }

    /** Adds what is wrong with the setting. */
    public static void check(String classes, Problems problems) {
        boolean number = classes.matches("[1-9][0-9]{0,6}") && Integer.parseInt(classes) <= MOST;
        if (!number && !classes.equals(NONE) && !classes.equals(AUTO)) {
            problems.add(
                    "classes",
                    "expected auto, none or a number of classes from 1 to " + MOST + ", got \"" + classes + "\"");
        }
    }
}
