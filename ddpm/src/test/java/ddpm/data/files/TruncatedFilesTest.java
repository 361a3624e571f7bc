package ddpm.data.files;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ddpm.data.Pixels;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A file that ends early is rejected, unless what is missing holds nothing of the picture. */
class TruncatedFilesTest {
    /** The most bytes that may be missing: EOI of a JPEG, the trailer of a GIF, a TIFF's end of line, padding. */
    private static final int NOTHING_OF_THE_PICTURE = 6;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "g.jpg",
                "gprog.jpg",
                "b.jpg",
                "prog.jpg",
                "progressive-whole.jpg",
                "opt.jpg",
                "cmykprog.jpg",
                "cmyk-red.jpg",
                "exif.jpg",
                "rgb.png",
                "1.png",
                "interlaced.png",
                "exif.png",
                "i.gif",
                "a.gif",
                "small-frame-8x8.gif",
                "1.bmp",
                "rgb.bmp",
                "ll.webp",
                "lla.webp",
                "lossy.webp",
                "anim.webp",
                "exif.webp",
                "1.tif",
                "g4.tif",
                "rgb_packbits.tif",
                "rgb_tiff_lzw.tif",
                "rgb_jpeg.tif",
                "pages.tif",
                "cmyk.tif"
            })
    void everyLength(String name) {
        byte[] whole = SampleFiles.file(name);
        Pixels image = SampleFiles.decode(whole);
        for (int length = whole.length - 1; length >= 0; length -= whole.length - length < 30 ? 1 : 23) {
            byte[] cut = Arrays.copyOf(whole, length);
            if (whole.length - length > NOTHING_OF_THE_PICTURE) {
                assertThrows(IOException.class, () -> ImageDecoder.decode(cut), name + " cut to " + length);
                continue;
            }
            byte[] pixels;
            try {
                pixels = ImageDecoder.decode(cut).pixels().data();
            } catch (IOException e) {
                continue;
            }
            assertArrayEquals(image.data(), pixels, name + " cut to " + length);
        }
    }

    @Test
    void halfTheScansOfAProgressiveJpeg() {
        IOException e =
                assertThrows(IOException.class, () -> ImageDecoder.decode(SampleFiles.file("progressive-cut-110.jpg")));
        assertEquals("cut short", e.getMessage());
    }

    /** Programs that fetch files make room for them first: the rest is zeros. */
    @ParameterizedTest
    @ValueSource(strings = {"b.jpg", "prog.jpg", "rgb.png", "rgb_packbits.tif", "a.gif", "i.gif"})
    void theRestIsZeros(String name) {
        byte[] whole = SampleFiles.file(name);
        byte[] cut = whole.clone();
        Arrays.fill(cut, whole.length * 3 / 5, whole.length, (byte) 0);
        assertThrows(IOException.class, () -> ImageDecoder.decode(cut));
    }

    /** Phones append films and maps of depth, tools their notes; the picture is whole. */
    @ParameterizedTest
    @CsvSource({"b.jpg", "prog.jpg", "rgb.png", "a.gif", "rgb.bmp", "lossy.webp", "rgb_packbits.tif"})
    void whatFollowsIsNotLookedAt(String name) {
        byte[] whole = SampleFiles.file(name);
        byte[] longer = SampleFiles.join(whole, SampleFiles.file("g.jpg"), SampleFiles.ascii("more"));
        assertArrayEquals(
                SampleFiles.decode(whole).data(), SampleFiles.decode(longer).data());
    }

    /** Some cameras forget the last two bytes, and every viewer shows the picture. */
    @ParameterizedTest
    @ValueSource(strings = {"b.jpg", "prog.jpg", "opt.jpg", "cmykprog.jpg"})
    void aJpegWithoutItsEndMark(String name) {
        byte[] whole = SampleFiles.file(name);
        byte[] shorter = Arrays.copyOf(whole, whole.length - 2);
        assertArrayEquals(
                SampleFiles.decode(whole).data(), SampleFiles.decode(shorter).data());
    }

    /** The size is known from the header, and yet a file that is cut short has no say in what is the common size. */
    @Test
    void anExtentIsThatOfAWholeFile() throws IOException {
        byte[] whole = SampleFiles.file("prog.jpg");
        assertEquals("24x40", ImageDecoder.extent(whole).toString());
        assertThrows(IOException.class, () -> ImageDecoder.extent(Arrays.copyOf(whole, 700)));
    }
}
