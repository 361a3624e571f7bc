package ddpm.data;

import ddpm.Printable;

/**
 * A file that was not read, relative to the folder it was found in, and why; both as they can be printed.
 *
 * @param file   its name, with escapes for line breaks and other controls
 * @param reason a phrase: {@code cut short}
 */
public record Rejected(String file, String reason) {
    public Rejected {
        file = Printable.text(file);
        reason = Printable.text(reason);
    }
}
