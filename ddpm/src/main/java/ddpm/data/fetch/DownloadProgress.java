package ddpm.data.fetch;

/** Told how a download goes; one at a time, from one thread. */
public interface DownloadProgress {
    /** Says nothing. */
    DownloadProgress SILENT = new DownloadProgress() {
        @Override
        public void start(String file, String host, long done, long total) {}

        @Override
        public void at(long done) {}

        @Override
        public void end() {}
    };

    /**
     * A transfer begins.
     *
     * @param host  the mirror
     * @param done  bytes already here from an earlier attempt
     * @param total bytes of the whole file, -1 where the mirror does not say
     */
    void start(String file, String host, long done, long total);

    /** {@code done} bytes of the file are here. */
    void at(long done);

    /** The transfer is over, finished or broken off. */
    void end();
}
