package ddpm.picture;

import ddpm.DataException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What AWT and ImageIO want of a machine, and what to say where they do not get it: no display ever, a module and native
 * libraries that small Java packages leave out, and for text a font. Whatever draws with text goes through {@link #draw}.
 */
public final class Pictures {
    private static final List<String> OF_AWT =
            List.of("java.awt.", "javax.imageio.", "sun.awt.", "sun.font.", "sun.java2d.");

    private Pictures() {}

    /** There is nothing to draw on, or with; the message is a sentence for the user. */
    public static final class UnavailableException extends DataException {
        private UnavailableException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** To be called before any class of AWT is loaded: it would connect to the display that DISPLAY names. */
    public static void withoutDisplay() {
        System.setProperty("java.awt.headless", "true");
    }

    /** @throws UnavailableException where this Java or this machine cannot draw that */
    public static <T> T draw(Supplier<T> picture) {
        try {
            return picture.get();
        } catch (RuntimeException | Error e) {
            Optional<String> why = explain(e);
            if (why.isPresent()) {
                throw new UnavailableException(why.get(), e);
            }
            throw e;
        }
    }

    /** Why something failed, where it did because AWT lacks something here: reason and remedy. */
    public static Optional<String> explain(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = String.valueOf(root.getMessage()).lines().findFirst().orElse("");
        if (!isOfAwt(e) && !isOfAwt(root)) {
            return Optional.empty();
        }
        String fonts = fromFonts(e) || fromFonts(root)
                ? "there is no usable font on this machine (" + message
                        + "); install fontconfig and a font, such as the package fonts-dejavu-core"
                : null;
        return Optional.of(
                fonts != null && !(root instanceof LinkageError)
                        ? fonts
                        : "this Java cannot make or read pictures ("
                                + root.getClass().getSimpleName() + ": " + message
                                + "); install the whole of it, with java.desktop, such as the package openjdk-17-jre");
    }

    /** A class or library of AWT is missing, or AWT itself gave up; not whatever is thrown while drawing. */
    private static boolean isOfAwt(Throwable e) {
        String message = String.valueOf(e.getMessage()).replace('/', '.');
        if (OF_AWT.stream().anyMatch(p -> e.getClass().getName().startsWith(p))) {
            return !(e instanceof RuntimeException)
                    || e.getClass().getSimpleName().equals("HeadlessException");
        }
        if (e instanceof LinkageError || e instanceof ClassNotFoundException) {
            return fromAwt(e) || OF_AWT.stream().anyMatch(message::contains);
        }
        boolean gaveUp = e instanceof InternalError || e.getClass() == Error.class || e instanceof RuntimeException;
        return gaveUp && fromFonts(e);
    }

    private static boolean fromAwt(Throwable e) {
        return thrownBelow(e, OF_AWT);
    }

    private static boolean fromFonts(Throwable e) {
        return thrownBelow(e, List.of("sun.font.", "sun.awt.FontConfiguration", "sun.awt.FcFontConfiguration"));
    }

    /** Whether one of the innermost calls is of these classes: those of a loader come before them. */
    private static boolean thrownBelow(Throwable e, List<String> classes) {
        return Arrays.stream(e.getStackTrace()).limit(12).anyMatch(f -> classes.stream()
                .anyMatch(f.getClassName()::startsWith));
    }
}
