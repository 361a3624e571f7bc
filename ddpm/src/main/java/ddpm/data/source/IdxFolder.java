package ddpm.data.source;

import ddpm.DataException;
import ddpm.data.Rejected;
import ddpm.engine.disk.IoReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds the image file in a folder laid out like MNIST, Fashion-MNIST, EMNIST, KMNIST, ... */
final class IdxFolder {
    /** {@code train-images-idx3-ubyte}, {@code train-images.idx3-ubyte}, {@code emnist-letters-train-images-...}. */
    private static final Pattern IMAGES = Pattern.compile("(?:.*-)?images[-.]idx3-ubyte(?:\\.gz)?");

    private IdxFolder() {}

    /** Whether {@code file} is named like an IDX image file. */
    static boolean isImages(Path file) {
        return IMAGES.matcher(file.getFileName().toString()).matches();
    }

    /**
     * The training images of {@code folder}; where there are none, its only other image file; empty where it has none.
     * The plain file is taken before the packed one.
     *
     * @throws DataException several sets lie side by side and none is preferred
     */
    static Optional<Path> images(Path folder) {
        List<Path> files;
        try (Stream<Path> list = Files.list(folder)) {
            files = list.filter(Files::isRegularFile)
                    .filter(IdxFolder::isImages)
                    .sorted(Comparator.comparing(f -> f.getFileName().toString()))
                    .toList();
        } catch (IOException e) {
            throw new DataException(folder + ": cannot be read (" + IoReason.of(e) + "); check its rights", e);
        }
        List<Path> train = files.stream()
                .filter(f -> f.getFileName().toString().contains("train"))
                .toList();
        Map<String, Path> sets = new TreeMap<>();
        for (Path f : train.isEmpty() ? files : train) {
            // the same set under its two spellings, plain or packed, counts once: sorted, so the plain one comes first
            String set = f.getFileName().toString().replaceAll("\\.gz$", "").replace("images.idx3", "images-idx3");
            sets.putIfAbsent(set, f);
        }
        if (sets.size() > 1) {
            throw new DataException(folder + ": holds several image sets ("
                    + sets.values().stream()
                            .map(f -> f.getFileName().toString())
                            .collect(Collectors.joining(", "))
                    + "); give the path of one of these files as --data");
        }
        return sets.values().stream().findFirst();
    }

    /** The test images beside a file of training images, by its name: {@code t10k-...} or {@code test} for {@code train}. */
    static Optional<Path> test(Path training) {
        String name = training.getFileName().toString();
        if (!isImages(training) || !name.contains("train")) {
            return Optional.empty();
        }
        String plain = name.replaceAll("\\.gz$", "");
        return Stream.of("t10k", "test")
                .map(test -> plain.replace("train", test))
                .flatMap(test -> Stream.of(test, test + ".gz"))
                .map(training::resolveSibling)
                .filter(Files::isRegularFile)
                .findFirst();
    }

    /** What lies in {@code folder} besides {@code images}, with the kind of each. */
    static List<Rejected> leftOut(Path folder, Path images) {
        try (Stream<Path> list = Files.list(folder)) {
            Path labels = IdxLabels.beside(images).orElse(images);
            return list.filter(file -> !file.equals(images) && !file.equals(labels))
                    .map(file -> new Rejected(file.getFileName().toString(), kind(file)))
                    .toList();
        } catch (IOException e) {
            throw new DataException(folder + ": cannot be read (" + IoReason.of(e) + "); check its rights", e);
        }
    }

    private static String kind(Path file) {
        String name = file.getFileName().toString();
        if (name.startsWith(".")) {
            return "hidden";
        }
        if (Files.isDirectory(file)) {
            return "folder";
        }
        return isImages(file) ? "other image file" : name.contains("labels") ? "labels" : "other file";
    }
}
