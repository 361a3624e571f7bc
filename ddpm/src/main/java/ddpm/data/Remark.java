package ddpm.data;

/** What was done to an image while it was read, besides decoding it, that a user wants to know of. */
public enum Remark {
    TURNED("turned upright as their EXIF says"),
    CMYK("converted from CMYK"),
    FIRST_FRAME("animated or of several pages, of which the first is taken"),
    TRANSPARENT("laid on white where transparent"),
    DEEP("scaled to 8 bits");

    private final String text;

    Remark(String text) {
        this.text = text;
    }

    /** To stand after a count. */
    String text() {
        return text;
    }
}
