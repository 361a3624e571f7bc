package ddpm.sample;

import ddpm.UserError;
import ddpm.config.Nearest;
import ddpm.config.Problems;
import ddpm.diffusion.Guidance;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What {@code --class} and {@code --guidance} ask for, before it is known which classes the model has.
 *
 * @param text of {@code --class}; null: not given
 * @param guidance null: not given
 * @param counted whether {@code --count} was given
 */
public record ClassRequest(String text, Guidance guidance, boolean counted) {
    /** Neither was given. */
    public static final ClassRequest NONE = new ClassRequest(null, null, false);

    private static final String EVERY = "all";
    private static final String NO_LABEL = "none";
    private static final int EACH = 8; // images of each of several classes where no number is given

    /**
     * The labels to draw with.
     *
     * @param names of the model's classes; empty for a model without
     * @param file of the model, for messages
     * @param count images, where their number was given or is none of several classes
     * @param edited whether the images do not come from noise alone: where no class is named they are told none
     * @throws UserError where the model cannot be asked for that
     */
    ClassChoice choose(List<String> names, String file, int count, boolean edited) {
        if (names.isEmpty()) {
            requireNothing(file);
            return ClassChoice.unlabelled(count);
        }
        if (text == null && !edited) {
            return ClassChoice.inTurn(names, count);
        }
        if (text == null && guidance != null) {
            throw UserError.usage("--guidance " + guidance.scale() + ": goes towards a class; name it with --class");
        }
        if (text == null || text.equals(NO_LABEL)) {
            if (guidance != null) {
                throw UserError.usage("--guidance " + guidance.scale()
                        + ": goes towards a class, and --class none asks for" + " none; leave out one of the two");
            }
            return ClassChoice.unlabelled(count);
        }
        List<Integer> chosen = chosen(names, file);
        if (chosen.size() == 1) {
            return ClassChoice.one(names, chosen.get(0), count);
        }
        int each = counted ? count / chosen.size() : EACH;
        if (counted && (each == 0 || count % chosen.size() != 0)) {
            int near = Math.max(1, each) * chosen.size();
            throw UserError.usage("--count " + count + ": cannot be shared out evenly among " + chosen.size()
                    + " classes; take " + near + " or " + (near + chosen.size()));
        }
        return ClassChoice.rows(names, chosen, each);
    }

    private void requireNothing(String file) {
        String remedy = "; leave it out, or train a model that knows classes: on images with labels, with"
                + " --set model.classes=auto";
        if (text != null && !text.equals(NO_LABEL)) {
            throw UserError.usage(
                    "--class " + text + ": the model of " + file + " was trained without classes" + remedy);
        }
        if (guidance != null) {
            throw UserError.usage("--guidance " + guidance.scale() + ": goes towards a class, and the model of " + file
                    + " was trained without classes" + remedy);
        }
    }

    private List<Integer> chosen(List<String> names, String file) {
        if (text.equals(EVERY)) {
            return IntStream.range(0, names.size()).boxed().toList();
        }
        if (names.contains(text)) { // it may hold a comma
            return List.of(names.indexOf(text));
        }
        List<Integer> chosen = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            int label = label(part.strip(), names, file);
            if (chosen.contains(label)) {
                throw UserError.usage("--class " + text + ": names " + names.get(label) + " twice; once is enough");
            }
            chosen.add(label);
        }
        return Collections.unmodifiableList(chosen);
    }

    /** By its name, by its name in other case where that is of one class only, or by its number. */
    private int label(String part, List<String> names, String file) {
        if (names.contains(part)) {
            return names.indexOf(part);
        }
        List<String> alike =
                names.stream().filter(n -> n.equalsIgnoreCase(part)).toList();
        if (alike.size() == 1) {
            return names.indexOf(alike.get(0));
        }
        if (part.matches("[0-9]{1,7}") && Integer.parseInt(part) < names.size() && !numbered(names)) {
            return Integer.parseInt(part);
        }
        Optional<String> near = Nearest.to(part, names);
        throw UserError.usage("--class " + text + ": the model of " + file + " knows no class \"" + part + "\""
                + near.map(n -> "; did you mean " + n + "?").orElse("; known are " + known(names)));
    }

    private static boolean numbered(List<String> names) {
        return names.stream().allMatch(n -> n.matches("[0-9]+"));
    }

    private static String known(List<String> names) {
        int most = 12;
        return names.size() <= most
                ? Problems.list(names, "and")
                : String.format(
                        Locale.ROOT,
                        "%s, ... and %,d more",
                        String.join(", ", names.subList(0, most)),
                        names.size() - most);
    }

    /** For the user: {@code ", guidance 2.5"}. */
    String guidanceText() {
        if (guidance == null || !guidance.active()) {
            return "";
        }
        String within = guidance.from() == 0 && guidance.to() == 1
                ? ""
                : " from " + guidance.from() + " to " + guidance.to() + " of the noise";
        return ", guidance " + guidance.scale() + within
                + (guidance.rescale() == 0 ? "" : ", rescaled " + guidance.rescale());
    }

    /** The guidance to draw with. */
    Guidance guidanceOrNone() {
        return guidance == null ? Guidance.NONE : guidance;
    }
}
