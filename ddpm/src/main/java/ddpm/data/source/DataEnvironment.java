package ddpm.data.source;

import ddpm.UserPath;
import ddpm.data.cache.ImageCache;
import ddpm.data.fetch.DownloadProgress;
import ddpm.data.fetch.Mirrors;
import ddpm.data.fetch.RemoteFile;
import ddpm.data.fetch.TerminalProgress;
import ddpm.engine.disk.PathText;
import ddpm.terminal.Terminal;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What loading data sees of the world around it; tests give their own.
 *
 * @param variables      environment variables; DDPM_DATA names a folder with data sets
 * @param home           the user's folder; the cache is {@code .cache/ddpm/data} in it
 * @param mnistFiles     the files of the set {@code mnist}; the first holds the training images
 * @param mnistMirrors   folders on the web that serve them, tried in this order
 * @param connectTimeout to reach a mirror; short, so that a machine without network learns it quickly
 * @param readTimeout    of silence in the middle of a transfer
 * @param progress       told about downloads
 * @param memoryLimit    bytes that decoded images may take in memory; more lie in the cache folder
 */
public record DataEnvironment(
        Map<String, String> variables,
        Path home,
        List<RemoteFile> mnistFiles,
        List<URI> mnistMirrors,
        Duration connectTimeout,
        Duration readTimeout,
        DownloadProgress progress,
        long memoryLimit) {

    /** The environment of this process, with a progress bar on standard error. */
    public static DataEnvironment system() {
        return new DataEnvironment(
                System.getenv(),
                UserPath.home(),
                Mnist.FILES,
                Mnist.MIRRORS,
                Duration.ofSeconds(5),
                Duration.ofSeconds(20),
                new TerminalProgress(System.err, Terminal.isInteractive()),
                Runtime.getRuntime().maxMemory() / 5 * 4);
    }

    public DataEnvironment withProgress(DownloadProgress other) {
        return new DataEnvironment(
                variables, home, mnistFiles, mnistMirrors, connectTimeout, readTimeout, other, memoryLimit);
    }

    /** With another limit on the silence of a mirror, for slow networks. */
    public DataEnvironment withReadTimeout(Duration other) {
        return new DataEnvironment(
                variables, home, mnistFiles, mnistMirrors, connectTimeout, other, progress, memoryLimit);
    }

    /** Where decoded images lie that are too many for memory; XDG_CACHE_HOME names another cache folder. */
    public ImageCache imageCache() {
        return new ImageCache(cache("images"));
    }

    /** Where networks lie that tell the classes of a data set apart, beside the decoded images. */
    public Path featureCache() {
        return cache("features");
    }

    private Path cache(String kind) {
        Path cache = PathText.variable(variables.get("XDG_CACHE_HOME")).orElse(home.resolve(".cache"));
        return cache.resolve(Path.of("ddpm", "data", kind));
    }

    /** Bytes of the largest set that is kept in memory. */
    long mostInMemory() {
        return Math.min(memoryLimit, ImageCache.MOST_IN_MEMORY);
    }

    /** Where files are fetched from. */
    Mirrors mirrors() {
        return new Mirrors(mnistMirrors, connectTimeout, readTimeout, progress);
    }

    Path mnistCache() {
        return home.resolve(Path.of(".cache", "ddpm", "data", "mnist"));
    }
}
