package ddpm.config;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Height and width of an image in pixels. YAML accepts {@code 28} for a square and {@code [28, 36]} for height, width;
 * the command line accepts {@code 28x36}.
 */
public record ImageSize(int height, int width) {
    private static final Pattern HEIGHT_X_WIDTH = Pattern.compile("(\\d{1,5})x(\\d{1,5})");

    /** The size spelled {@code HxW}, or nothing where {@code text} is no size. */
    public static Optional<ImageSize> parse(String text) {
        var match = HEIGHT_X_WIDTH.matcher(text.strip());
        return match.matches()
                ? Optional.of(new ImageSize(Integer.parseInt(match.group(1)), Integer.parseInt(match.group(2))))
                : Optional.empty();
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
