package ddpm.data.drawn;

import java.util.ArrayList;
import java.util.List;

/**
 * How a pen moves when it writes a digit: our own paths, a few for each digit where writers differ.
 *
 * <p>A path is text: strokes separated by ';', points "x,y" in percent of the digit's box, y downwards. The pen runs
 * smoothly through the points (Catmull-Rom) and turns sharply at a point marked '!'. A weight before ':' says how
 * common the variant is.
 */
final class GlyphStrokes {
    private static final String[][] PATHS = {
        { // 0: closed at the top, with an overlap, with a small loop, narrow
            "4: 52,3 33,10 21,34 20,62 32,89 52,97 71,86 81,60 78,30 66,9 51,3",
            "3: 60,6 42,4 26,20 20,48 26,80 46,97 68,90 80,64 78,32 66,10 50,2 40,8",
            "2: 66,10 48,4 30,18 22,46 28,82 48,97 70,84 79,50 70,18 54,10 44,20 52,26",
            "2: 50,3 38,18 32,50 38,84 50,97 63,84 68,50 62,18 50,3",
        },
        { // 1: a bar, slanted, with a flag, with flag and foot
            "6: 50,3 51,34 49,66 50,97",
            "4: 60,3 54,34 46,66 40,97",
            "2: 33,26 46,15 55,3! 54,50 53,97",
            "2: 34,24 46,14 54,3! 53,50 53,95; 30,96 52,95 76,95",
        },
        { // 2: a corner at the foot, a loop at the foot, a swan's neck, nearly a z
            "4: 20,26 30,9 50,3 70,12 74,32 60,55 40,76 20,95! 48,94 82,93",
            "4: 22,22 38,5 62,6 74,24 66,48 46,72 28,90 16,90 18,78 34,77 54,90 72,95 86,88",
            "2: 18,20 36,4 60,8 68,26 56,54 36,80 22,94 40,90 60,92 84,86",
            "2: 22,12 46,5 72,12 68,36 46,66 22,95! 50,96 80,93",
        },
        { // 3: a sharp waist, a round one, a looped one, a flat top
            "4: 24,14 44,3 68,9 70,28 58,42 42,47! 64,51 77,66 72,86 50,97 22,90",
            "3: 22,18 42,4 66,10 68,30 52,45 44,48 62,52 76,68 68,90 44,97 20,84",
            "2: 24,12 48,3 70,14 66,34 46,47 38,50 44,43 66,54 76,72 64,92 40,97 20,86",
            "1: 24,6 50,6 76,6! 60,26 46,42! 66,47 77,66 70,88 48,97 22,88",
        },
        { // 4: open, open and round, closed with one line, written without lifting the pen
            "4: 30,5 26,28 21,53! 50,53 82,50; 70,6 68,50 63,97",
            "3: 26,8 22,34 32,52 54,50 74,38; 78,4 74,34 68,66 64,97",
            "3: 62,97 63,50 65,4! 42,34 17,64! 50,63 86,62",
            "1: 34,4 28,30 24,52! 46,56 68,44 76,6! 72,50 66,97",
        },
        { // 5: a hat as second stroke, one stroke from the hat, an s, a flat belly
            "4: 33,7 30,26 27,45! 48,38 70,48 75,70 62,92 40,97 20,88; 33,8 54,7 80,5",
            "3: 78,5 56,6 35,8! 31,26 28,44! 50,39 72,50 75,72 60,93 38,97 19,86",
            "2: 76,6 56,3 40,12 34,32 46,44 64,54 70,74 56,94 34,97 18,88",
            "1: 32,6 29,28 28,47! 60,48 76,66 70,86 48,95 20,92; 33,6 58,8 82,7",
        },
        { // 6: a round back, a straight one, a large belly, a small loop
            "4: 68,4 48,14 31,36 23,64 33,90 54,97 74,84 74,64 58,54 38,62 26,78",
            "3: 60,3 44,24 30,48 24,72 34,92 54,97 72,86 73,68 58,58 38,64 25,78",
            "2: 56,3 34,22 22,52 26,82 50,97 76,86 80,62 62,46 38,52 24,70",
            "2: 64,3 46,26 32,54 28,80 40,96 58,94 66,80 56,68 40,72 30,84",
        },
        { // 7: plain, with a bar, with a serif, with a round shoulder
            "5: 20,9 50,9 80,7! 64,38 54,68 48,97",
            "2: 22,9 50,8 79,8! 64,36 54,66 46,97; 36,52 56,50 78,48",
            "2: 20,24 21,15 23,8! 50,10 80,7! 62,44 52,72 47,97",
            "2: 18,16 34,7 56,10 74,8 76,22 62,50 50,76 44,97",
        },
        { // 8: one stroke from the top right, one from the waist, two rings, slim
            "4: 70,14 54,3 34,8 30,26 46,42 64,56 74,76 62,95 40,96 27,82 36,62 56,45 70,28 70,13",
            "3: 50,48 32,34 30,14 48,3 68,10 70,28 52,46 32,62 26,82 42,97 64,94 74,78 66,60 50,48",
            "2: 50,46 32,36 30,14 50,3 70,14 68,36 51,46; 50,46 28,60 26,84 50,97 74,84 72,60 50,46",
            "2: 64,12 50,3 38,12 42,34 56,56 64,78 54,96 40,90 38,72 48,50 60,30 64,11",
        },
        { // 9: a straight stem, a curved tail, leaning, one loop
            "4: 72,20 56,4 36,8 26,26 34,46 54,48 70,34 74,14! 72,54 68,97",
            "3: 73,18 54,3 32,12 27,34 44,50 64,42 75,16! 75,50 66,82 46,97 28,90",
            "3: 74,16 58,3 38,12 30,32 42,46 60,38 74,14! 64,54 50,97",
            "2: 70,30 72,10 54,3 34,14 30,36 46,50 64,38 72,14 70,44 64,72 60,97",
        },
    };

    private static final List<List<GlyphStrokes>> DIGITS = parseAll();

    private final int weight;
    private final List<List<Point>> strokes;

    /** A point of a stroke in percent of the box; a corner is not smoothed. */
    record Point(double x, double y, boolean corner) {}

    private GlyphStrokes(int weight, List<List<Point>> strokes) {
        this.weight = weight;
        this.strokes = strokes;
    }

    /** One of the ways to write {@code digit}, drawn by weight. */
    static List<List<Point>> of(int digit, ImageRandom random) {
        List<GlyphStrokes> variants = DIGITS.get(digit);
        int left = random.below(variants.stream().mapToInt(v -> v.weight).sum());
        for (GlyphStrokes v : variants) {
            left -= v.weight;
            if (left < 0) {
                return v.strokes;
            }
        }
        throw new AssertionError("weights of digit " + digit + " do not add up");
    }

    private static List<List<GlyphStrokes>> parseAll() {
        List<List<GlyphStrokes>> digits = new ArrayList<>();
        for (String[] variants : PATHS) {
            List<GlyphStrokes> parsed = new ArrayList<>();
            for (String text : variants) {
                int colon = text.indexOf(':');
                parsed.add(
                        new GlyphStrokes(Integer.parseInt(text.substring(0, colon)), parse(text.substring(colon + 1))));
            }
            digits.add(parsed);
        }
        return digits;
    }

    private static List<List<Point>> parse(String text) {
        List<List<Point>> strokes = new ArrayList<>();
        for (String stroke : text.split(";")) {
            List<Point> points = new ArrayList<>();
            for (String point : stroke.strip().split("\\s+")) {
                String[] xy = point.replace("!", "").split(",");
                points.add(new Point(Integer.parseInt(xy[0]), Integer.parseInt(xy[1]), point.endsWith("!")));
            }
            strokes.add(points);
        }
        return strokes;
    }
}
