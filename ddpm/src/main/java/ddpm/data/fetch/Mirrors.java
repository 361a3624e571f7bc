package ddpm.data.fetch;

import java.net.URI;
import java.time.Duration;
import java.util.List;

/**
 * Who serves files, and how long to wait for them.
 *
 * @param folders        on the web, tried in this order
 * @param connectTimeout to reach one
 * @param readTimeout    of silence in the middle of a transfer
 * @param progress       told about downloads
 */
public record Mirrors(List<URI> folders, Duration connectTimeout, Duration readTimeout, DownloadProgress progress) {}
