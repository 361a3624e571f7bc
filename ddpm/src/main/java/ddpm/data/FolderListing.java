package ddpm.data;

import ddpm.engine.io.IoReason;
import ddpm.engine.io.PathText;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What lies in a folder and its subfolders. Links are followed, hidden files are not looked at.
 *
 * @param folder   as the user wrote it
 * @param files    images by their ending, relative with '/', sorted by code units: the same order on every machine
 * @param rejected images of kinds that are not supported, and what could not be listed
 * @param others   remaining files, counted by ending
 * @param runs     folders of trainings, left out, and how many pictures lie in each
 */
record FolderListing(
        Path folder,
        List<String> files,
        List<Rejected> rejected,
        Map<String, Integer> others,
        Map<String, Integer> runs) {
    private static final Set<String> SUPPORTED = Set.of("png", "jpg", "jpeg", "gif", "bmp");
    private static final Set<String> UNSUPPORTED = Set.of("webp", "tif", "tiff", "heic", "avif", "svg", "ppm", "pgm");

    /** Lists {@code folder}; throws {@link DataException} if it cannot be read at all. */
    static FolderListing of(Path folder) {
        FolderListing found =
                new FolderListing(folder, new ArrayList<>(), new ArrayList<>(), new TreeMap<>(), new TreeMap<>());
        try {
            Files.walkFileTree(folder, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, found.visitor());
        } catch (IOException e) {
            throw new DataException(folder + ": cannot be read (" + IoReason.of(e) + "); check its rights", e);
        }
        Collections.sort(found.files);
        return found;
    }

    private SimpleFileVisitor<Path> visitor() {
        boolean isRun = OwnPictures.isRun(folder);
        return new SimpleFileVisitor<>() {
            private Path run; // null outside

            @Override
            public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
                if (!dir.equals(folder) && isHidden(dir)) {
                    return FileVisitResult.SKIP_SUBTREE;
                }
                if (run == null && !dir.equals(folder) && OwnPictures.isRun(dir)) {
                    run = dir;
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, IOException e) throws IOException {
                if (e != null) {
                    throw e;
                }
                if (dir.equals(run)) {
                    run = null;
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (isHidden(file) || !attributes.isRegularFile()) {
                    return FileVisitResult.CONTINUE;
                }
                if (run != null || isRun && OwnPictures.isOfRun(relative(file))) {
                    String of = run == null ? folder.toString() : relative(run);
                    runs.merge(of, SUPPORTED.contains(ending(file)) ? 1 : 0, Integer::sum);
                } else {
                    add(relative(file), ending(file));
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (file.equals(folder)) {
                    throw e;
                }
                rejected.add(new Rejected(relative(file), IoReason.of(e)));
                return FileVisitResult.CONTINUE;
            }
        };
    }

    private void add(String name, String ending) {
        if (SUPPORTED.contains(ending)) {
            files.add(name);
        } else if (UNSUPPORTED.contains(ending)) {
            rejected.add(new Rejected(name, ending + " is not supported, convert it to PNG"));
        } else if (IdxFolder.isImages(PathText.path(name))) { // in a subfolder, else the folder were not read as images
            others.merge(
                    "MNIST-style in " + folder.resolve(PathText.path(name)).getParent() + " (give that folder)",
                    1,
                    Integer::sum);
        } else {
            others.merge(ending.isEmpty() ? "without ending" : "." + ending, 1, Integer::sum);
        }
    }

    /** The sentence for a folder of which nothing can be used: what was found there and what is accepted. */
    String nothingUsable(List<Rejected> skipped) {
        String accepted = "; accepted are PNG, JPEG, GIF and BMP images, in subfolders too, or an MNIST-style file"
                + " ...-images-idx3-ubyte[.gz] directly in it";
        if (skipped.isEmpty() && others.isEmpty()) {
            return folder + ": the folder is empty" + accepted;
        }
        List<String> found = new ArrayList<>();
        if (!skipped.isEmpty()) {
            found.add(ImageSet.describe(skipped));
        }
        if (!others.isEmpty()) {
            found.add("other files: "
                    + others.entrySet().stream()
                            .map(e -> e.getValue() + " " + e.getKey())
                            .collect(Collectors.joining(", ")));
        }
        return folder + ": no usable image; found " + String.join("; ", found) + accepted;
    }

    private String relative(Path file) {
        return PathText.of(folder.relativize(file))
                .replace(folder.getFileSystem().getSeparator(), "/");
    }

    private static boolean isHidden(Path file) {
        return file.getFileName() != null && file.getFileName().toString().startsWith(".");
    }

    private static String ending(Path file) {
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return dot < 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
    }
}
