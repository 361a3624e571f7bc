package ddpm.data.source;

import ddpm.DataException;
import ddpm.data.ImageSet;
import ddpm.data.ReadNotes;
import ddpm.data.Rejected;
import ddpm.data.files.ImageFormat;
import ddpm.engine.disk.IoReason;
import ddpm.engine.disk.PathText;
import ddpm.picture.OwnPictures;
import java.io.IOException;
import java.io.InputStream;
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

/**
 * What lies in a folder and its subfolders. Links are followed; hidden files are left out, and said to be.
 *
 * @param folder   as the user wrote it
 * @param files    images, relative with '/', sorted by code units: the same order on every machine
 * @param rejected images of kinds that are not supported, and what could not be opened or listed
 * @param others   remaining files, each with its kind
 * @param runs     folders of trainings, left out, and how many pictures lie in each
 */
record FolderListing(
        Path folder, List<String> files, List<Rejected> rejected, List<Rejected> others, Map<String, Integer> runs) {
    /** Endings of files that are taken for images without a look at what they hold, which decoding does. */
    private static final Set<String> IMAGES = Set.of(
            "png", "apng", "jpg", "jpeg", "jpe", "jfif", "gif", "bmp", "dib", "webp", "tif", "tiff", "heic", "heif",
            "avif", "jxl", "jp2", "svg", "ppm", "pgm", "pbm", "pnm", "psd", "exr", "qoi");

    /** Lists {@code folder}; throws {@link DataException} if it cannot be read at all. */
    static FolderListing of(Path folder) {
        FolderListing found =
                new FolderListing(folder, new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new TreeMap<>());
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
                    if (run == null) {
                        others.add(new Rejected(relative(dir) + "/", "hidden folder"));
                    }
                    return FileVisitResult.SKIP_SUBTREE;
                }
                if (run == null && !dir.equals(folder) && OwnPictures.isRun(dir)) {
                    run = dir;
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (run != null || isRun && OwnPictures.isOfRun(relative(file))) {
                    String of = run == null ? folder.toString() : relative(run);
                    runs.merge(of, IMAGES.contains(ending(file)) ? 1 : 0, Integer::sum);
                } else if (isHidden(file)) {
                    others.add(new Rejected(relative(file), "hidden"));
                } else if (attributes.isSymbolicLink()) { // links are followed, so this one leads to no file
                    rejected.add(new Rejected(relative(file), "a link to nowhere"));
                } else if (!attributes.isRegularFile()) { // a pipe, a socket or a device, which could block for ever
                    others.add(new Rejected(relative(file), "neither file nor folder"));
                } else if (IMAGES.contains(ending(file))) {
                    files.add(relative(file));
                } else {
                    addByContent(file, relative(file));
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

            @Override
            public FileVisitResult postVisitDirectory(Path dir, IOException e) throws IOException {
                if (e != null && dir.equals(folder)) {
                    throw e;
                }
                if (e != null) {
                    rejected.add(new Rejected(relative(dir) + "/", IoReason.of(e) + " while it was listed"));
                }
                if (dir.equals(run)) {
                    run = null;
                }
                return FileVisitResult.CONTINUE;
            }
        };
    }

    private void addByContent(Path file, String name) {
        byte[] head;
        try (InputStream in = Files.newInputStream(file)) {
            head = in.readNBytes(ImageFormat.HEAD_BYTES);
        } catch (IOException e) {
            rejected.add(new Rejected(name, IoReason.of(e)));
            return;
        }
        String ending = ending(file);
        if (ImageFormat.isImage(head)) {
            files.add(name);
        } else if (head.length == 0) {
            others.add(new Rejected(name, "empty"));
        } else if (IdxFolder.isImages(file)) { // in a subfolder, else the folder were not read as images
            others.add(new Rejected(name, "MNIST-style in " + PathText.of(file.getParent()) + " (give that folder)"));
        } else {
            others.add(new Rejected(name, ending.isEmpty() ? "without ending" : "." + ending));
        }
    }

    /**
     * The sentence for a folder of which nothing can be used: what was found there and what is accepted.
     *
     * @param more of what was found
     */
    String nothingUsable(List<Rejected> skipped, List<String> more) {
        String accepted = "; accepted are PNG, JPEG, GIF, BMP, WebP and TIFF images, in subfolders too, or an"
                + " MNIST-style file ...-images-idx3-ubyte[.gz] directly in it";
        if (skipped.isEmpty() && others.isEmpty() && more.isEmpty()) {
            return folder + ": the folder is empty" + accepted;
        }
        List<String> found = new ArrayList<>();
        if (!skipped.isEmpty()) {
            found.add(ImageSet.describe(skipped));
        }
        if (!others.isEmpty()) {
            found.add("other files: " + ReadNotes.kinds(others));
        }
        found.addAll(more);
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
