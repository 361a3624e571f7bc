package ddpm.config;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Height and width of an image in pixels. YAML accepts {@code 28} for a square and {@code [28, 36]} for height, width;
 * the command line accepts {@code 28x36} and {@code 28}.
 */
public record ImageSize(int height, int width) {
    /** The largest side accepted: a model for larger images could not be trained, so it is a mistake. */
    public static final int MAX = 4096;

    private static final Pattern HEIGHT_X_WIDTH = Pattern.compile("(\\d{1,5})(?:[xX](\\d{1,5}))?");

    /** The size spelled {@code HxW}, or {@code N} for a square; nothing where {@code text} is none up to {@link #MAX}. */
    public static Optional<ImageSize> parse(String text) {
        var match = HEIGHT_X_WIDTH.matcher(text.strip());
        if (!match.matches()) {
            return Optional.empty();
        }
        int height = Integer.parseInt(match.group(1));
        int width = match.group(2) == null ? height : Integer.parseInt(match.group(2));
        boolean valid = height >= 1 && height <= MAX && width >= 1 && width <= MAX;
        return valid ? Optional.of(new ImageSize(height, width)) : Optional.empty();
    }

    /** {@code HxW}, what {@link #parse} reads. */
    @Override
    public String toString() {
        return height + "x" + width;
    }

    @JsonValue
    Object yaml() {
        return height == width ? (Object) height : List.of(height, width);
    }
}
