package ddpm.data;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Image size in pixels, height first, each 1 to {@value #MAX}. */
public record ImageSize(int height, int width) {
    /** The largest side accepted: a bigger model input than this cannot be trained, so it is a mistake. */
    public static final int MAX = 4096;

    private static final Pattern TEXT = Pattern.compile("(\\d{1,5})(?:[xX](\\d{1,5}))?");

    public ImageSize {
        if (height < 1 || height > MAX || width < 1 || width > MAX) {
            throw new DataException(
                    "size " + height + "x" + width + " is out of range; height and width go from 1 to " + MAX);
        }
    }

    /** Reads {@code 28x20} (height x width) or {@code 32} (a square). Throws {@link DataException} otherwise. */
    public static ImageSize parse(String text) {
        Matcher m = TEXT.matcher(text.strip());
        if (!m.matches()) {
            throw new DataException("size '" + text + "' is not HEIGHTxWIDTH or one number, such as 28x28 or 32");
        }
        int height = Integer.parseInt(m.group(1));
        return new ImageSize(height, m.group(2) == null ? height : Integer.parseInt(m.group(2)));
    }

    @Override
    public String toString() {
        return height + "x" + width;
    }
}
