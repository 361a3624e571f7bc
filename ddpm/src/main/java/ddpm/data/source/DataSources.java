package ddpm.data.source;

import ddpm.DataException;
import ddpm.Invocation;
import ddpm.UserError;
import ddpm.UserPath;
import ddpm.config.Named;
import ddpm.data.DataSpec;
import ddpm.data.ImageSet;
import ddpm.data.MemoryBudget;
import ddpm.data.PixelSource;
import ddpm.data.ReadNotes;
import ddpm.data.cache.ImageCache;
import ddpm.data.drawn.Glyphs;
import ddpm.data.drawn.Textures;
import ddpm.data.fetch.DownloadException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** Turns what {@code --data} says into images: the one entry point of this package. */
public final class DataSources {
    /** The sets that come with the program or are fetched, by name; beside them any folder or file. */
    public static final List<Named<String>> NAMED = List.of(
            Named.named("mnist", "60,000 handwritten digits, 28x28 grey, fetched once; LeCun et al. 1998", "mnist"),
            Named.named("glyphs", "digits drawn by the program in many hands, 28x28 grey", "glyphs"),
            Named.named("textures", "patterns drawn by the program, 32x32 RGB", "textures"));

    private DataSources() {}

    /** {@link #load(DataSpec, DataEnvironment)} in the environment of this process. */
    public static ImageSet load(DataSpec spec) {
        return load(spec, DataEnvironment.system());
    }

    /**
     * The images of a source, all of one size and number of channels: in memory, or in a file of the user's cache where
     * they are too many ({@link ImageCache}).
     *
     * <p>The words {@code mnist}, {@code glyphs} and {@code textures} always mean the sets; a folder of that name is
     * {@code ./mnist}. The order of the images is the same on every machine.
     *
     * @throws DataException with one sentence for the user
     * @throws DownloadException {@code mnist} is neither on this machine nor reachable
     */
    public static ImageSet load(DataSpec spec, DataEnvironment env) {
        return load(spec, env, env.imageCache()::load);
    }

    /** @param tooMany takes the images that memory does not hold */
    private static ImageSet load(DataSpec spec, DataEnvironment env, Function<PixelSource, ImageSet> tooMany) {
        return switch (spec.source()) {
            case "mnist" -> fromIdx(new Mnist(env).images(spec), "mnist", spec, env, tooMany);
            case "glyphs" -> inMemoryOr(
                    () -> Glyphs.draw(spec, env.mostInMemory()), () -> tooMany.apply(Glyphs.source(spec)));
            case "textures" -> inMemoryOr(
                    () -> Textures.draw(spec, env.mostInMemory()), () -> tooMany.apply(Textures.source(spec)));
            default -> fromPath(spec, env, tooMany);
        };
    }

    private static ImageSet inMemoryOr(Supplier<ImageSet> inMemory, Supplier<ImageSet> other) {
        try {
            return inMemory.get();
        } catch (MemoryBudget.ExceededException e) {
            return other.get();
        }
    }

    /** MNIST, or glyphs with a notice; {@code spec}'s own source is not looked at. */
    public static MnistOrGlyphs mnistOrGlyphs(DataSpec spec, DataEnvironment env) {
        try {
            return new MnistOrGlyphs(load(spec.withSource("mnist"), env), "mnist", null);
        } catch (DownloadException e) {
            String notice = "MNIST is neither on this machine nor reachable (" + e.reason() + "): training on the"
                    + " built-in glyphs instead; '" + Invocation.command("data", "fetch", "mnist")
                    + "' gets it when there is a network";
            return new MnistOrGlyphs(load(spec.withSource("glyphs"), env), "glyphs", notice);
        }
    }

    /**
     * Images of the same source that no training on it sees: the test file beside an MNIST-style file, other drawings of a built-in
     * set. Nothing where the source keeps none apart.
     *
     * @param count images to draw of a built-in set; files are read whole
     */
    public static Optional<ImageSet> heldOut(DataSpec spec, int count, DataEnvironment env) {
        return switch (spec.source()) {
            case "mnist" -> IdxFolder.test(new Mnist(env).file()).map(file -> ofTest(file, spec, env));
            case "glyphs", "textures" -> Optional.of(
                    load(spec.withSeed(~spec.seed()).withCount(count), env));
            default -> {
                Path path = path(spec.source(), env);
                Optional<Path> images = Files.isDirectory(path) ? IdxFolder.images(path) : Optional.of(path);
                yield images.flatMap(IdxFolder::test).map(file -> ofTest(file, spec, env));
            }
        };
    }

    private static ImageSet ofTest(Path file, DataSpec spec, DataEnvironment env) {
        return load(spec.withSource(file.toString()), env);
    }

    /**
     * What {@link #load} gives, for an estimate: where that would download {@code mnist} or write images into the cache,
     * as many blank images of the same size.
     */
    public static ImageSet withoutDownload(DataSpec spec, DataEnvironment env) {
        return spec.source().equals("mnist") && whereMnist(env).isEmpty()
                ? Mnist.blank(spec)
                : load(spec, env, ImageCache::blank);
    }

    /** Where the files of a source lie, absolute; nothing for the sets that have a name. */
    public static Optional<Path> location(String source, DataEnvironment env) {
        return List.of("mnist", "glyphs", "textures").contains(source)
                ? Optional.empty()
                : Optional.of(path(source, env).toAbsolutePath().normalize());
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

    private static ImageSet fromPath(DataSpec spec, DataEnvironment env, Function<PixelSource, ImageSet> tooMany) {
        Path path = path(spec.source(), env);
        if (Files.isRegularFile(path)) {
            String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
            if (name.endsWith(".tar") || name.endsWith(".zip") || name.endsWith(".tar.gz") || name.endsWith(".tgz")) {
                throw new DataException(path + ": is an archive; unpack it and give the folder as --data");
            }
            return fromIdx(
                    new IdxImages(path, path.toString(), spec, ReadNotes.NONE), path.toString(), spec, env, tooMany);
        }
        if (!Files.isDirectory(path)) {
            throw new DataException(
                    "unknown data source '" + spec.source() + "': no such file or folder; " + DataSpec.ACCEPTED);
        }
        Optional<Path> idx = IdxFolder.images(path);
        if (idx.isPresent()) {
            String name = path + " (" + idx.get().getFileName() + ")";
            ReadNotes notes = ReadNotes.leftOut(IdxFolder.leftOut(path, idx.get()));
            return fromIdx(new IdxImages(idx.get(), name, spec, notes), path.toString(), spec, env, tooMany);
        }
        long most = env.mostInMemory();
        ImageFolder folder = ImageFolder.open(path, spec, new MemoryBudget(path.toString(), most));
        return folder.leastBytes() > most
                ? tooMany.apply(folder)
                : inMemoryOr(folder::read, () -> tooMany.apply(ImageFolder.open(path, spec, null)));
    }

    private static ImageSet fromIdx(
            IdxImages idx, String what, DataSpec spec, DataEnvironment env, Function<PixelSource, ImageSet> tooMany) {
        long most = env.mostInMemory();
        return idx.leastBytes() > most
                ? tooMany.apply(idx)
                : inMemoryOr(() -> idx.inMemory(new MemoryBudget(what, most)), () -> tooMany.apply(idx));
    }

    private static Path path(String source, DataEnvironment env) {
        try {
            return UserPath.of(source, env.home());
        } catch (UserError e) {
            throw new DataException("data source '" + source + "' " + e.getMessage() + "; " + DataSpec.ACCEPTED, e);
        }
    }
}
