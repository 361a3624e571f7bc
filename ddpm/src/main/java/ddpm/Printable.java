package ddpm;

import java.util.Locale;

/** Names as they can be shown: a file's name may hold line breaks, or codes that a terminal would obey. */
public final class Printable {
    private Printable() {}

    /** {@code text} with everything that is no visible character or space as an escape of Java: {@code a\\nb.png}. */
    public static String text(String text) {
        if (text.codePoints().noneMatch(Printable::isUnseen)) {
            return text;
        }
        StringBuilder shown = new StringBuilder(text.length() + 8);
        text.codePoints().forEach(c -> {
            if (isUnseen(c)) {
                for (char unit : Character.toChars(c)) {
                    shown.append(escape(unit));
                }
            } else {
                shown.appendCodePoint(c);
            }
        });
        return shown.toString();
    }

    private static String escape(char unit) {
        return switch (unit) {
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            default -> String.format(Locale.ROOT, "\\u%04x", (int) unit);
        };
    }

    /** Controls, line and paragraph separators, and marks that turn the direction of writing. */
    private static boolean isUnseen(int c) {
        int type = Character.getType(c);
        return type == Character.CONTROL
                || type == Character.LINE_SEPARATOR
                || type == Character.PARAGRAPH_SEPARATOR
                || c >= 0x202A && c <= 0x202E
                || c >= 0x2066 && c <= 0x2069;
    }
}
