package ddpm.picture;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Tells the pictures that this program draws from those to learn from: each carries a note, and the previews of a run lie
 * in its folder.
 */
public final class OwnPictures {
    /** Keyword and text of the note in a PNG file, a chunk {@code tEXt} before the pixels. */
    static final String KEYWORD = "Software";

    static final String PROGRAM = "ddpm";
    /** The comment in a GIF file, before the first frame. */
    static final String COMMENT = "Software: ddpm";

    private static final int NAMED = 3;
    /** Where both notes end at the latest: behind the palettes of a GIF. */
    private static final int LOOKED_AT = 4096;

    private static final byte[] PNG = latin1("tEXt" + KEYWORD + "\0" + PROGRAM);
    private static final byte[] GIF = latin1("!\u00fe" + (char) COMMENT.length() + COMMENT + "\0");

    private OwnPictures() {}

    /** Whether the program drew the picture in {@code file}. */
    public static boolean isMarked(byte[] file) {
        return contains(file, PNG) || contains(file, GIF);
    }

    /** Whether {@code folder} is the folder of a run: settings, and what a training writes beside them. */
    public static boolean isRun(Path folder) {
        return Files.isRegularFile(folder.resolve("config.yaml"))
                && (Files.isDirectory(folder.resolve("checkpoints"))
                        || Files.isRegularFile(folder.resolve("metrics.jsonl")));
    }

    /**
     * Whether a picture in the data folder itself, where that is a run folder, is the run's.
     *
     * @param name relative to the folder
     */
    public static boolean isOfRun(String name) {
        return name.equals("loss.png") || name.matches("samples/step-\\d{8,}\\.png");
    }

    /**
     * The line for the user.
     *
     * @param runs run folders, and how many pictures lie in each
     * @param own other pictures that carry the note
     * @return no line where nothing was left out
     */
    public static List<String> notes(Map<String, Integer> runs, List<String> own) {
        List<String> parts = new ArrayList<>();
        runs.forEach((folder, pictures) -> {
            if (pictures > 0) {
                parts.add(count(pictures) + " in the run folder " + folder);
            }
        });
        if (!own.isEmpty()) {
            parts.add(count(own.size()) + " that ddpm drew ("
                    + String.join(", ", own.subList(0, Math.min(NAMED, own.size())))
                    + (own.size() > NAMED ? ", ..." : "") + ")");
        }
        return parts.isEmpty() ? List.of() : List.of("left out: " + String.join(", ", parts));
    }

    private static String count(int pictures) {
        return String.format(Locale.ROOT, "%,d picture%s", pictures, pictures == 1 ? "" : "s");
    }

    private static boolean contains(byte[] file, byte[] note) {
        int last = Math.min(file.length, LOOKED_AT) - note.length;
        for (int at = 0; at <= last; at++) {
            int k = 0;
            while (k < note.length && file[at + k] == note[k]) {
                k++;
            }
            if (k == note.length) {
                return true;
            }
        }
        return false;
    }

    private static byte[] latin1(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
