package ddpm.train.run;

import ddpm.UserError;
import ddpm.data.DataDifference;
import ddpm.data.source.DataEnvironment;
import ddpm.data.source.DataSources;
import ddpm.engine.disk.PathText;
import ddpm.model.ClassCount;
import ddpm.train.checkpoint.CheckpointStore;
import ddpm.train.checkpoint.RunFiles;
import ddpm.train.settings.RunConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Whether the images of a training are those it began with, whatever they are called now and wherever they lie. */
final class ResumedData {
    private final TrainRequest request;
    private final RunConfig before; // null for a new run
    private final DataOfRun known; // null for a new run, and for one of an earlier version
    private final DataEnvironment environment;

    private ResumedData(TrainRequest request, RunConfig before, DataOfRun known, DataEnvironment environment) {
        this.request = request;
        this.before = before;
        this.known = known;
        this.environment = environment;
    }

    /** @param before settings of the run that goes on; null where there are none */
    static ResumedData of(TrainRequest request, RunConfig before, DataEnvironment environment)
            throws RunFolderException {
        DataOfRun known = before == null ? null : DataOfRun.read(request.out()).orElse(null);
        return new ResumedData(request, before, known, environment);
    }

    /** Whether {@link #check} compares the images, or the other name is known to be of the same place. */
    boolean mayBeRenamed(RunConfig asked) {
        return known != null || samePlace(before.data().source(), asked.data().source());
    }

    private boolean samePlace(String one, String other) {
        if (one == null || other == null) {
            return false;
        }
        Optional<Path> a = DataSources.location(one, environment);
        Optional<Path> b = DataSources.location(other, environment);
        try {
            return a.isPresent() && b.isPresent() && Files.isSameFile(a.get(), b.get());
        } catch (IOException e) {
            return false; // one of them is not there
        }
    }

    /**
     * Where to look for the images: where they lay when the run began or went on last, unless another name is given; null
     * for where the settings say.
     *
     * @throws UserError where they are in neither place
     */
    String place(RunConfig asked) {
        if (known == null
                || known.at() == null
                || !asked.data().source().equals(before.data().source())) {
            return null;
        }
        if (exists(known.at())) {
            return known.at();
        }
        if (!exists(asked.data().source())) {
            throw UserError.usage("--resume: the images of the run, in " + known.at()
                    + ", are not there any more; name the place where they are now with --data");
        }
        return null;
    }

    private boolean exists(String source) {
        try {
            return DataSources.location(source, environment)
                    .filter(Files::exists)
                    .isPresent();
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /**
     * Returns where {@code now} may be trained on.
     *
     * @throws UserError that says in what the images differ from those of the steps that were done
     */
    void check(TrainingData now) throws IOException {
        if (!request.resume()) {
            requireOutApart(now.identity());
            return;
        }
        if (known == null
                || known.images().isSame(now.identity().images()) && !hasOtherLabels(now)
                || new CheckpointStore(request.out()).latest().isEmpty()) {
            return;
        }
        String difference = DataDifference.text(known.images(), now.identity().images());
        String source = now.config().data().source();
        String was = before.data().source();
        if (!source.equals(was)) {
            throw UserError.usage("--resume: data.source=" + source + " (was " + was
                    + ") cannot change within a run, since these are other images (" + difference
                    + "); leave it out, or start a new run with another --out");
        }
        String at = now.identity().at();
        throw new UserError("--resume: the images in " + (at == null ? source : at)
                + " are not those that the run began with (" + difference
                + "); bring those back, or name a place that has them with --data, or start a new run with another"
                + " --out");
    }

    /** A network without classes is told no labels. */
    private boolean hasOtherLabels(TrainingData now) {
        return ClassCount.of(now.config().model().classes()) > 0
                && known.images().hasOtherLabels(now.identity().images());
    }

    /** What to tell of a run that did not write down what it began with; from now on it has. */
    Optional<String> notice() throws IOException {
        boolean unknown = before != null
                && known == null
                && new CheckpointStore(request.out()).latest().isPresent();
        return unknown
                ? Optional.of("this run did not note which images it began with; it goes on with those found, and notes"
                        + " them in " + request.out().resolve(RunFiles.DATA))
                : Optional.empty();
    }

    /** A run folder is left out of the images, so none of them may lie in it. */
    private void requireOutApart(DataOfRun data) {
        if (data.at() == null) {
            return;
        }
        Path folder = PathText.path(data.at());
        Path out = request.out().toAbsolutePath().normalize();
        if (out.equals(folder) || !out.startsWith(folder)) {
            return;
        }
        String inside = PathText.of(folder.relativize(out)).replace('\\', '/') + "/";
        List<String> images = data.images().files().stream()
                .filter(file -> file.startsWith(inside))
                .toList();
        if (!images.isEmpty()) {
            throw UserError.usage("--out " + request.out() + ": holds " + images.size()
                    + " of the images to train on, such as " + images.get(0)
                    + ", and a run folder is left out of them; name another folder");
        }
    }
}
