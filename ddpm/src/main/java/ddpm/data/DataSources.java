package ddpm.data;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** Turns what {@code --data} says into images: the one entry point of this package. */
public final class DataSources {
    static final String ACCEPTED = "accepted are mnist, glyphs, textures, a folder of PNG, JPEG, GIF or BMP images,"
            + " a folder with an MNIST-style file ...-images-idx3-ubyte[.gz], or the path of such a file";

    private DataSources() {}

    /** {@link #load(DataSpec, DataEnvironment)} in the environment of this process. */
    public static ImageSet load(DataSpec spec) {
        return load(spec, DataEnvironment.system());
    }

    /**
     * The images of a source, in memory, all of one size and number of channels.
     *
     * <p>The words {@code mnist}, {@code glyphs} and {@code textures} always mean the sets; a folder of that name is
     * {@code ./mnist}. The order of the images is the same on every machine.
     *
     * @throws DataException with one sentence for the user
     * @throws DownloadException {@code mnist} is neither on this machine nor reachable
     */
    public static ImageSet load(DataSpec spec, DataEnvironment env) {
        return switch (spec.source()) {
            case "mnist" -> new Mnist(env).load(spec);
            case "glyphs" -> Glyphs.draw(spec, env.memoryLimit());
            case "textures" -> Textures.draw(spec, env.memoryLimit());
            default -> fromPath(spec, env);
        };
    }

    /** MNIST, or glyphs with a notice; {@code spec}'s own source is not looked at. */
    public static MnistOrGlyphs mnistOrGlyphs(DataSpec spec, DataEnvironment env) {
        try {
            return new MnistOrGlyphs(load(spec.withSource("mnist"), env), "mnist", null);
        } catch (DownloadException e) {
            String notice = "MNIST is neither on this machine nor reachable (" + e.reason() + "): training on the"
                    + " built-in glyphs instead; 'ddpm data fetch mnist' gets it when there is a network";
            return new MnistOrGlyphs(load(spec.withSource("glyphs"), env), "glyphs", notice);
        }
    }

    /**
     * What {@link #load} gives, for an estimate: where that would download {@code mnist}, as many blank images of the
     * same size.
     */
    public static ImageSet withoutDownload(DataSpec spec, DataEnvironment env) {
        return spec.source().equals("mnist") && whereMnist(env).isEmpty() ? Mnist.blank(spec) : load(spec, env);
    }

    /** The file with the training images of MNIST, where it is on this machine and whole. */
    public static Optional<Path> whereMnist(DataEnvironment env) {
        return new Mnist(env).find();
    }

    /**
     * Downloads a set into the cache; what is already there and whole is not fetched again.
     *
     * @param set {@code mnist}
     * @return the folder with its files
     */
    public static Path fetch(String set, DataEnvironment env) {
        if (!set.equals("mnist")) {
            throw new DataException(
                    "'" + set + "' cannot be fetched; only mnist can, glyphs and textures are built in");
        }
        return new Mnist(env).fetch();
    }

    private static ImageSet fromPath(DataSpec spec, DataEnvironment env) {
        Path path = path(spec.source(), env);
        MemoryBudget budget = new MemoryBudget(path.toString(), env.memoryLimit());
        if (Files.isRegularFile(path)) {
            String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
            if (name.endsWith(".tar") || name.endsWith(".zip") || name.endsWith(".tar.gz") || name.endsWith(".tgz")) {
                throw new DataException(path + ": is an archive; unpack it and give the folder as --data");
            }
            return IdxImages.read(path, path.toString(), spec, budget);
        }
        if (!Files.isDirectory(path)) {
            throw new DataException("unknown data source '" + spec.source() + "': no such file or folder; " + ACCEPTED);
        }
        Optional<Path> idx = IdxFolder.images(path);
        if (idx.isPresent()) {
            return IdxImages.read(idx.get(), path + " (" + idx.get().getFileName() + ")", spec, budget);
        }
        return ImageFolder.read(path, spec, budget);
    }

    private static Path path(String source, DataEnvironment env) {
        try {
            return source.startsWith("~/") ? env.home().resolve(source.substring(2)) : Path.of(source);
        } catch (InvalidPathException e) {
            throw new DataException("data source '" + source + "' is not a valid path; " + ACCEPTED, e);
        }
    }
}
