package ddpm.data.fetch;

import ddpm.DataException;

/** A data set that is not on this machine and could not be fetched: the case in which a built-in set may stand in. */
public final class DownloadException extends DataException {
    private final String reason;

    /**
     * @param message the whole sentence with the remedy
     * @param reason  the bare cause, e.g. {@code storage.googleapis.com: unknown host}
     */
    public DownloadException(String message, String reason) {
        super(message);
        this.reason = reason;
    }

    /** What went wrong at each mirror, without advice. */
    public String reason() {
        return reason;
    }
}
