package ddpm.cli;

import ddpm.UserError;
import ddpm.sample.EditRequest;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** The options of {@code sample} for images that do not come from noise alone. */
final class EditOptions {
    private static final Pattern TWO_SEEDS = Pattern.compile("(-?[0-9]{1,18}),(-?[0-9]{1,18})");
    private static final double STRENGTH = 0.6;

    @Option(
            names = "--from",
            paramLabel = "IMAGE",
            description = "Variations of an image, which is noised and drawn again from there; of any size, fitted.")
    private Path from;

    @Option(
            names = "--strength",
            paramLabel = "X",
            description = "Of --from: how far towards noise, 0 (the image) to 1. Default: 0.6.")
    private Double strength;

    @Option(
            names = "--inpaint",
            paramLabel = "IMAGE",
            description = "An image with a part drawn anew, which --mask names.")
    private Path inpaint;

    @Option(
            names = "--mask",
            paramLabel = "IMAGE",
            description = "Of --inpaint, as large as its image: white is drawn, black stays.")
    private Path mask;

    @Option(
            names = "--resample",
            paramLabel = "N",
            description = "Of --inpaint: do each step N times, going back in between, so that what is drawn fits what"
                    + " stays. Default: 5, or 1 with samplers that build on earlier steps.")
    private Integer resample;

    @Option(
            names = "--interpolate",
            paramLabel = "SEED,SEED",
            description = "From the image of one seed to that of another, in --count images. Default: 9 of them.")
    private String interpolate;

    @Option(
            names = "--invert",
            paramLabel = "IMAGE",
            description = "Find the noise that an image comes from, by DDIM backwards, and draw it again: the grid has"
                    + " both.")
    private Path invert;

    @Option(names = "--save-noise", paramLabel = "FILE.npy", description = "Of --invert: keep the noise.")
    private Path saveNoise;

    @Option(
            names = "--noise",
            paramLabel = "FILE.npy",
            description = "Draw from noise that --save-noise kept, or any of float32 [N,H,W,C].")
    private Path noise;

    @Option(
            names = "--seeds",
            paramLabel = "FILE",
            description = "For each seed in a file, one a line, the first image that --seed draws.")
    private Path seeds;

    /** What is asked for. @throws UserError where options do not go together */
    EditRequest request(Integer count) {
        requireOne();
        requireOf("--strength", strength, "--from", from);
        requireOf("--mask", mask, "--inpaint", inpaint);
        requireOf("--resample", resample, "--inpaint", inpaint);
        requireOf("--save-noise", saveNoise, "--invert", invert);
        OptionChecks.ending("--save-noise", saveNoise, ".npy");
        if (count != null && (invert != null || noise != null || seeds != null)) {
            throw UserError.usage("--count " + count + ": there are as many images as "
                    + (invert != null ? "--invert" : noise != null ? "--noise" : "--seeds") + " has; leave it out");
        }
        if (from != null) {
            return new EditRequest.FromImage(from, checkedStrength());
        }
        if (inpaint != null) {
            if (mask == null) {
                throw UserError.usage("--inpaint " + inpaint
                        + ": needs --mask, an image as large, white where it is to be drawn anew");
            }
            if (resample != null && (resample < 1 || resample > 100)) {
                throw UserError.usage("--resample " + resample + ": must be from 1 to 100");
            }
            return new EditRequest.Inpaint(inpaint, mask, resample);
        }
        if (interpolate != null) {
            return between();
        }
        if (invert != null) {
            return new EditRequest.Invert(invert, saveNoise);
        }
        if (noise != null) {
            return new EditRequest.GivenNoise(noise);
        }
        return seeds != null ? new EditRequest.Seeds(seeds) : EditRequest.NONE;
    }

    private double checkedStrength() {
        double x = strength == null ? STRENGTH : strength;
        if (!(x >= 0 && x <= 1)) {
            throw UserError.usage("--strength " + x + ": must be from 0 (the image) to 1 (noise)");
        }
        return x;
    }

    private EditRequest between() {
        Matcher two = TWO_SEEDS.matcher(interpolate);
        if (!two.matches()) {
            throw UserError.usage("--interpolate " + interpolate + ": expected two seeds, such as 3,8");
        }
        return new EditRequest.Interpolate(Long.parseLong(two.group(1)), Long.parseLong(two.group(2)));
    }

    private void requireOne() {
        Map<String, Object> given = new LinkedHashMap<>();
        given.put("--from", from);
        given.put("--inpaint", inpaint);
        given.put("--interpolate", interpolate);
        given.put("--invert", invert);
        given.put("--noise", noise);
        given.put("--seeds", seeds);
        given.values().removeIf(value -> value == null);
        if (given.size() > 1) {
            throw UserError.usage(String.join(" and ", given.keySet()) + ": give one of them");
        }
    }

    private static void requireOf(String option, Object value, String owner, Object given) {
        if (value != null && given == null) {
            throw UserError.usage(option + ": belongs to " + owner + ", which is not given");
        }
    }
}
