package ddpm.data.source;

import ddpm.DataException;
import ddpm.Invocation;
import ddpm.UserError;
import ddpm.UserPath;
import ddpm.config.ImageSize;
import ddpm.data.Channels;
import ddpm.data.DataSpec;
import ddpm.data.ImageSet;
import ddpm.data.ReadNotes;
import ddpm.data.drawn.Glyphs;
import ddpm.data.fetch.Download;
import ddpm.data.fetch.DownloadException;
import ddpm.data.fetch.RemoteFile;
import ddpm.engine.disk.IoReason;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The set {@code mnist}: found in $DDPM_DATA or the cache, otherwise downloaded into the cache. */
final class Mnist {
    /** Y. LeCun, C. Cortes, C. Burges. Checksums of the unpacked files, which every mirror agrees on. */
    static final List<RemoteFile> FILES = List.of(
            new RemoteFile(
                    "train-images-idx3-ubyte.gz",
                    47_040_016,
                    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
            new RemoteFile(
                    "train-labels-idx1-ubyte.gz",
                    60_008,
                    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
            new RemoteFile(
                    "t10k-images-idx3-ubyte.gz",
                    7_840_016,
                    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
            new RemoteFile(
                    "t10k-labels-idx1-ubyte.gz",
                    10_008,
                    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"));

    static final List<URI> MIRRORS = List.of(
            URI.create("https://storage.googleapis.com/cvdf-datasets/mnist/"),
            URI.create("https://ossci-datasets.s3.amazonaws.com/mnist/"));

    private final DataEnvironment env;

    Mnist(DataEnvironment env) {
        this.env = env;
    }

    /** As many blank images as the training set has, to estimate with. */
    static ImageSet blank(DataSpec spec) {
        ImageSize size = spec.sizeOr(28, 28);
        int channels = spec.channels() == Channels.RGB ? 3 : 1;
        byte[][] images = new byte[60_000][];
        Arrays.fill(images, new byte[size.height() * size.width() * channels]);
        return new ImageSet(
                        "mnist, which is not on this machine and would be downloaded",
                        size.height(),
                        size.width(),
                        channels,
                        images,
                        List.of())
                .withClasses(Glyphs.classes(images.length));
    }

    /** The file of the training images; {@link DownloadException} where it is neither here nor reachable. */
    IdxImages images(DataSpec spec) {
        Path file = file();
        return new IdxImages(
                file, "mnist in " + file.getParent() + " (" + file.getFileName() + ")", spec, ReadNotes.NONE);
    }

    /** The file of the training images; {@link DownloadException} where it is neither here nor reachable. */
    Path file() {
        Optional<Path> here = find();
        return here.isPresent() ? here.get() : fetch().resolve(training().name());
    }

    /**
     * The training images where they lie on this machine, checked. A file in $DDPM_DATA that is not MNIST is an error
     * (Fashion-MNIST has the same file names); a damaged one in our own cache will be fetched anew.
     */
    Optional<Path> find() {
        for (Path folder : dataFolders()) {
            for (String name : spellings()) {
                Path file = folder.resolve(name);
                if (!Files.isRegularFile(file)) {
                    continue;
                }
                Optional<String> problem = problem(file);
                if (problem.isPresent()) {
                    throw new DataException(file + ": is not MNIST: " + problem.get() + "; remove it or unset DDPM_DATA"
                            + " to use MNIST, or train on it as it is with --data " + folder);
                }
                return Optional.of(file);
            }
        }
        Path cached = env.mnistCache().resolve(training().name());
        return Files.isRegularFile(cached) && problem(cached).isEmpty() ? Optional.of(cached) : Optional.empty();
    }

    /** Downloads into the cache what is not there yet, all four files; gives the folder. */
    Path fetch() {
        Path folder = env.mnistCache();
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            String reason = "cannot create " + folder + " (" + IoReason.of(e) + ")";
            throw new DownloadException("MNIST: " + reason + "; " + remedy(folder), reason);
        }
        for (RemoteFile file : env.mnistFiles()) {
            new Download(file, folder, env.mirrors()).run(remedy(folder));
        }
        return folder;
    }

    private static String remedy(Path folder) {
        return "check the network and run '" + Invocation.command("data", "fetch", "mnist")
                + "' again, or put the four MNIST files into " + folder
                + " or a folder that DDPM_DATA names, or train on a built-in set with --data glyphs";
    }

    private List<Path> dataFolders() {
        String data = env.variables().getOrDefault("DDPM_DATA", "");
        if (data.isBlank()) {
            return List.of();
        }
        try {
            Path folder = UserPath.of(data, env.home());
            return List.of(folder, folder.resolve("mnist"));
        } catch (UserError e) {
            throw new DataException("DDPM_DATA " + data + " " + e.getMessage(), e);
        }
    }

    private List<String> spellings() {
        String packed = training().name();
        String plain = packed.replace(".gz", "");
        List<String> names = new ArrayList<>(List.of(plain, packed));
        names.add(plain.replace("-idx3", ".idx3"));
        names.add(packed.replace("-idx3", ".idx3"));
        return names;
    }

    private RemoteFile training() {
        return env.mnistFiles().get(0);
    }

    private Optional<String> problem(Path file) {
        try {
            return training().problem(file);
        } catch (IOException e) {
            return Optional.of(IoReason.of(e));
        }
    }
}
