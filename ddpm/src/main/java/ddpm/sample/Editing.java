package ddpm.sample;

import ddpm.UserError;
import ddpm.config.ImageSize;
import ddpm.data.Pixels;
import ddpm.diffusion.ObjectiveConfig;
import ddpm.diffusion.edit.FromImage;
import ddpm.diffusion.edit.Given;
import ddpm.diffusion.edit.Inpainting;
import ddpm.diffusion.edit.Interpolation;
import ddpm.diffusion.reverse.Edit;
import ddpm.diffusion.schedule.ScheduleConfig;
import ddpm.diffusion.solver.Plan;
import ddpm.train.settings.SampleConfig;

/**
 * How a drawing differs from one out of noise, with its files read and fitted to the model.
 *
 * @param edit what images begin with, and what is done between steps
 * @param plans the sampler's table
 * @param count images that there are; 0 for as many as are asked for
 * @param seeds of images 0, 1, ..., each drawn as image 0 of its own; null for one seed and many images
 * @param still whether the result has a meaning only where no fresh noise is drawn
 * @param text for the user, one line; empty for nothing
 */
record Editing(Edit edit, Plans plans, int count, long[] seeds, boolean still, String text) {
    /** Makes the sampler's table for a model. */
    @FunctionalInterface
    interface Plans {
        Plan of(SampleConfig config, ScheduleConfig diffusion, ObjectiveConfig objective);
    }

    /** Nothing is edited. */
    static final Editing NONE = new Editing(Edit.none(), SampleConfig::plan, 0, null, false, "");

    private static final int INTERPOLATED = 9;
    private static final int TIMES = 5; // that each step of filling in is done where nothing is said

    /** Whether images come from anything but noise and a seed. */
    boolean edits() {
        return this != NONE;
    }

    /**
     * Reads what is asked for.
     *
     * @param images how many were asked for; 0 where their number was left open
     * @throws UserError where a file cannot be used
     */
    static Editing of(EditRequest request, ImageSize size, int channels, int images) {
        if (request instanceof EditRequest.FromImage from) {
            Pixels image = EditFiles.read("--from", from.image());
            String note = EditFiles.note(from.image(), image, size, channels);
            return new Editing(
                    new FromImage(EditFiles.fitted(image, size, channels)),
                    (config, diffusion, objective) -> config.plan(
                            config.course(diffusion, objective).upTo(from.strength() * (diffusion.timesteps() - 1)),
                            objective),
                    0,
                    null,
                    false,
                    line("from " + from.image() + ", strength " + from.strength(), note));
        }
        if (request instanceof EditRequest.Inpaint inpaint) {
            return inpainting(inpaint, size, channels);
        }
        if (request instanceof EditRequest.Interpolate between) {
            int count = images == 0 ? INTERPOLATED : images;
            return new Editing(
                    new Interpolation(between.from(), between.to(), count),
                    SampleConfig::plan,
                    count,
                    null,
                    true,
                    "from seed " + between.from() + " to seed " + between.to());
        }
        if (request instanceof EditRequest.Invert invert) {
            Pixels image = EditFiles.read("--invert", invert.image());
            float[][] x = {EditFiles.fitted(image, size, channels)};
            return new Editing(
                    new Given(x, false),
                    (config, diffusion, objective) -> SampleConfig.told(
                            config.course(diffusion, objective).inverted(), objective),
                    1,
                    null,
                    true,
                    line("the noise of " + invert.image(), EditFiles.note(invert.image(), image, size, channels)));
        }
        if (request instanceof EditRequest.GivenNoise given) {
            float[][] x = NpyFile.read("--noise", given.file(), size, channels);
            return new Editing(
                    new Given(x, true), SampleConfig::plan, x.length, null, false, "from the noise in " + given.file());
        }
        if (request instanceof EditRequest.Seeds seeds) {
            long[] all = EditFiles.seeds(seeds.file());
            return new Editing(
                    Edit.none(), SampleConfig::plan, all.length, all, false, "image 0 of each seed in " + seeds.file());
        }
        return NONE;
    }

    /** What noise leads to, by the same levels. */
    static Editing again(float[][] noise) {
        return new Editing(new Given(noise, true), SampleConfig::plan, noise.length, null, true, "");
    }

    private static Editing inpainting(EditRequest.Inpaint request, ImageSize size, int channels) {
        Pixels image = EditFiles.read("--inpaint", request.image());
        Pixels mask = EditFiles.read("--mask", request.mask());
        if (mask.height() != image.height() || mask.width() != image.width()) {
            throw UserError.usage(
                    "--mask " + request.mask() + ": is " + mask.height() + "x" + mask.width() + ", and the image is "
                            + image.height() + "x" + image.width() + " (height x width); make them equal");
        }
        float[] keep = EditFiles.kept(mask, size, channels);
        double drawn = 1 - average(keep);
        if (drawn == 0) {
            throw UserError.usage("--mask " + request.mask()
                    + ": has nothing white in it, so nothing would be drawn; paint white what is to be drawn anew");
        }
        return new Editing(
                new Inpainting(EditFiles.fitted(image, size, channels), keep),
                (config, diffusion, objective) -> repeated(config, config.plan(diffusion, objective), request.times()),
                0,
                null,
                false,
                line(
                        request.image() + ", of which " + Math.round(100 * drawn) + " % are drawn",
                        EditFiles.note(request.image(), image, size, channels)));
    }

    private static Plan repeated(SampleConfig config, Plan plan, Integer times) {
        if (times != null && times > 1 && plan.remembers()) {
            throw UserError.usage("--resample " + times + ": goes back and forth, and " + config.sampler()
                    + " builds each step on those before; leave it out, or take --sampler ddim, ddpm, euler or heun");
        }
        return plan.remembers() ? plan : plan.repeated(times == null ? TIMES : times);
    }

    private static double average(float[] values) {
        double sum = 0;
        for (float v : values) {
            sum += v;
        }
        return sum / values.length;
    }

    private static String line(String text, String note) {
        return note.isEmpty() ? text : text + System.lineSeparator() + note;
    }

    /** @throws UserError where the table draws fresh noise and must not */
    void requireStill(SampleConfig config, Plan plan) {
        if (still && plan.drawsNoise()) {
            throw UserError.usage("--sampler " + config.sampler()
                    + ": draws fresh noise in its steps, and this needs one that does not; take --sampler ddim (with"
                    + " --eta 0), dpmpp_2m, unipc or heun");
        }
    }
}
