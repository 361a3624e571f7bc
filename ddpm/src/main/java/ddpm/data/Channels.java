package ddpm.data;

import ddpm.DataException;

/** How many channels the images shall have: as found (grey only if every image is grey), 1 or 3. */
public enum Channels {
    AUTO,
    GREY,
    RGB;

    /** Reads {@code auto}, {@code 1} or {@code 3}. Throws {@link DataException} for anything else. */
    public static Channels parse(String text) {
        return switch (text) {
            case "auto" -> AUTO;
            case "1" -> GREY;
            case "3" -> RGB;
            default -> throw new DataException("channels '" + text + "' is not one of auto, 1, 3");
        };
    }
}
