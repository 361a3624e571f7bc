package ddpm.engine.disk;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Why reading or writing failed, in words; many of Java's own messages are only the path or the host. */
public final class IoReason {
    private IoReason() {}

    /** A short phrase without the path, to stand after a colon: {@code no space left on device}. */
    public static String of(IOException e) {
        if (e instanceof FileSystemException f) {
            return ofFile(f);
        }
        if (e instanceof UnknownHostException) {
            return "unknown host";
        }
        if (e instanceof SocketTimeoutException) {
            return "no answer in time";
        }
        if (e instanceof ConnectException || e instanceof NoRouteToHostException) {
            return "cannot connect";
        }
        return orName(e.getMessage(), e);
    }

    private static String ofFile(FileSystemException e) {
        if (e instanceof NoSuchFileException) {
            return "no such file or folder";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof FileAlreadyExistsException) {
            return "a file of this name is in the way";
        }
        if (e instanceof NotDirectoryException) {
            return "it is not a folder";
        }
        if (e instanceof FileSystemLoopException) {
            return "a link that leads back to a folder above";
        }
        return orName(e.getReason() != null ? e.getReason() : e.getMessage(), e);
    }

    private static String orName(String text, IOException e) {
        return text == null || text.isBlank() ? e.getClass().getSimpleName() : text;
    }
}
