package ddpm.sample;

import ddpm.UserError;
import ddpm.disk.AtomicFile;
import ddpm.engine.disk.IoReason;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Sees to it before minutes of drawing that the images can be written afterwards, each where it was asked for. */
final class Outputs {
    private static final Pattern NUMBERED = Pattern.compile("\\d{5,9}\\.png");

    private Outputs() {}

    /** The name of an image in a folder of them: 00000.png, 00001.png, ... */
    static String name(int image) {
        return String.format(Locale.ROOT, "%05d.png", image);
    }

    /**
     * Creates the folders of all files.
     *
     * @throws UserError naming the option whose file cannot be written, would replace that of another option, or would
     *     mix with images of a former drawing
     */
    static void requireWritable(SampleRequest request) {
        requireDistinct(request);
        folder("--out", request.out(), request.out());
        requireNoOthers(request.out(), request.count());
        file("--grid", request.grid());
        file("--npy", request.npy());
        file("--trajectory", request.trajectory());
        file("--save-noise", noise(request));
    }

    private static Path noise(SampleRequest request) {
        return request.edit() instanceof EditRequest.Invert invert ? invert.noise() : null;
    }

    private static void requireDistinct(SampleRequest request) {
        Map<String, Path> files = new LinkedHashMap<>();
        files.put("--out", request.out());
        files.put("--grid", request.grid());
        files.put("--npy", request.npy());
        files.put("--trajectory", request.trajectory());
        files.put("--save-noise", noise(request));
        files.values().removeIf(file -> file == null);
        Map<Path, String> seen = new LinkedHashMap<>();
        files.forEach((option, file) -> {
            String other = seen.putIfAbsent(real(option, file), option);
            if (other != null) {
                throw UserError.usage(other + " and " + option + " name the same file, " + file
                        + ", and one would replace the other; name two");
            }
        });
        if (request.out() != null) {
            files.remove("--out");
            files.forEach((option, file) -> requireNoSingleImage(request.out(), option, file));
        }
    }

    private static void requireNoSingleImage(Path out, String option, Path file) {
        if (real("--out", out).equals(real(option, file).getParent())
                && NUMBERED.matcher(file.getFileName().toString()).matches()) {
            throw UserError.usage(
                    option + " " + file + " has the name of a single image in --out " + out + "; name another");
        }
    }

    /** One path for one file, whatever links and cases lead to it. */
    private static Path real(String option, Path file) {
        try {
            Path target = AtomicFile.target(file).normalize();
            Path there = target; // the last folder above it that is there
            while (there != null && !Files.exists(there)) {
                there = there.getParent();
            }
            return there == null
                    ? target
                    : there.toRealPath().resolve(there.relativize(target)).normalize();
        } catch (IOException e) {
            throw new UserError(option + " " + file + ": cannot be written (" + IoReason.of(e) + "); name another", e);
        }
    }

    /** Fewer images than last time would leave those of last time among them. */
    private static void requireNoOthers(Path folder, int count) {
        if (folder == null) {
            return;
        }
        int others = 0;
        String first = null;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (NUMBERED.matcher(name).matches()
                        && Integer.parseInt(name.substring(0, name.length() - 4)) >= count) {
                    others++;
                    first = first == null || name.compareTo(first) < 0 ? name : first;
                }
            }
        } catch (IOException e) {
            throw new UserError(
                    "--out " + folder + ": the folder cannot be read (" + IoReason.of(e) + "); name another", e);
        }
        if (others > 0) {
            throw UserError.usage(String.format(
                    Locale.ROOT,
                    "--out %s: holds %,d numbered image%s from %s on, of a former drawing, which would stay among the"
                            + " %,d new; remove %s or name another folder",
                    folder,
                    others,
                    others == 1 ? "" : "s",
                    first,
                    count,
                    others == 1 ? "it" : "them"));
        }
    }

    private static void file(String option, Path file) {
        if (file == null) {
            return;
        }
        try {
            Path target = AtomicFile.target(file);
            if (Files.isDirectory(target)) {
                throw new UserError(option + " " + file + ": is a folder; name a file");
            }
            if (AtomicFile.isReadOnly(target)) {
                throw new UserError(option + " " + file + ": is read-only; make it writable or name another");
            }
            folder(option, file, target.getParent());
        } catch (IOException e) {
            throw new UserError(option + " " + file + ": cannot be written (" + IoReason.of(e) + "); name another", e);
        }
    }

    private static void folder(String option, Path named, Path folder) {
        if (folder == null) {
            return;
        }
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UserError(
                    option + " " + named + ": the folder cannot be created (" + IoReason.of(e) + "); name another", e);
        }
        if (!Files.isWritable(folder)) {
            throw new UserError(option + " " + named + ": the folder is not writable; name another");
        }
    }
}
