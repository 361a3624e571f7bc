package ddpm.data.files;

import static ddpm.data.files.SampleFiles.adobe;
import static ddpm.data.files.SampleFiles.ascii;
import static ddpm.data.files.SampleFiles.decode;
import static ddpm.data.files.SampleFiles.file;
import static ddpm.data.files.SampleFiles.ids;
import static ddpm.data.files.SampleFiles.insert;
import static ddpm.data.files.SampleFiles.join;
import static ddpm.data.files.SampleFiles.mean;
import static ddpm.data.files.SampleFiles.segment;
import static ddpm.data.files.SampleFiles.slice;
import static ddpm.data.files.SampleFiles.without;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.data.Remark;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JpegFileTest {
    private static final int APP0 = 0xE0;
    private static final int APP2 = 0xE2;
    private static final int APP14 = 0xEE;

    /** A JPEG of four flat components as given, with no marker that says what they are. */
    private static byte[] fourComponents(int... values) throws IOException {
        WritableRaster raster = Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, 16, 16, 4, null);
        for (int i = 0; i < 256; i++) {
            raster.setPixel(i % 16, i / 16, values);
        }
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
            writer.setOutput(out);
            writer.write(null, new IIOImage(raster, null, null), null);
        } finally {
            writer.dispose();
        }
        return without(without(bytes.toByteArray(), APP0), APP14);
    }

    private static void assertColour(int[] want, byte[] jpeg) {
        byte[] data = decode(jpeg).data();
        for (int i = 0; i < data.length; i++) {
            assertEquals(want[i % 3], data[i] & 255, 3, "at " + i);
        }
    }

    /** Orange, R = (255 - C) (255 - K) / 255, in each of the ways to store it. */
    @Test
    void fourComponentsAreInk() throws IOException {
        int[] orange = {204, 102, 0}; // no cyan, half magenta, all yellow, a fifth black
        assertColour(orange, fourComponents(0, 128, 255, 51));
        assertColour(orange, insert(fourComponents(255, 127, 0, 204), adobe(0)));
        // Y, Cb and Cr of R, G, B = 0, 128, 255, which are 255 less the stored inks of the line above
        int[] ycck = {104, 213, 54, 204};
        assertColour(orange, insert(fourComponents(ycck), adobe(2)));
    }

    @Test
    void aCmykJpegAsViewersShowIt() throws IOException {
        Decoded red = ImageDecoder.decode(file("cmyk-red.jpg"));
        assertEquals(85, mean(red.pixels()), 1);
        assertEquals(255, red.pixels().data()[0] & 255, 2);
        assertTrue(red.remarks().contains(Remark.CMYK));
        assertFalse(ImageDecoder.decode(file("b.jpg")).remarks().contains(Remark.CMYK));
    }

    @Test
    void threeComponentsWithoutAMarkerAreYcbcr() throws IOException {
        assertEquals(85, mean(decode(file("ids-012-red.jpg"))), 1);
        for (String name : new String[] {"b444.jpg", "b.jpg"}) {
            byte[] whole = file(name);
            byte[] bare = without(whole, APP0);
            byte[] want = decode(whole).data();
            assertArrayEquals(want, decode(bare).data(), name + " ids 1, 2, 3");
            assertArrayEquals(want, decode(ids(bare, 0, 1, 2)).data(), name + " ids 0, 1, 2");
            assertArrayEquals(want, decode(ids(bare, 34, 35, 36)).data(), name + " ids 34, 35, 36");
            assertArrayEquals(want, decode(ids(whole, 'R', 'G', 'B')).data(), name + ": JFIF knows no RGB");
            assertArrayEquals(want, decode(insert(bare, adobe(1))).data(), name + " Adobe 1");
            assertArrayEquals(want, decode(insert(bare, adobe(2))).data(), name + " Adobe 2");
        }
    }

    @Test
    void idsThatSpellRgbAreRgb() {
        byte[] marked = file("keeprgb.jpg");
        byte[] want = decode(marked).data();
        byte[] bare = without(marked, APP14);
        assertArrayEquals(want, decode(ids(bare, 'R', 'G', 'B')).data());
        assertArrayEquals(want, decode(insert(ids(bare, 1, 2, 3), adobe(0))).data());
    }

    @ParameterizedTest
    @CsvSource({"2,2 components", "5,5 components"})
    void otherNumbersOfComponentsAreRejected(int count, String why) {
        byte[] jpeg = file("b444.jpg");
        for (int i = 0; i + 9 < jpeg.length; i++) {
            if (jpeg[i] == -1 && (jpeg[i + 1] & 255) == 0xC0) {
                byte[] frame = slice(jpeg, i + 4, i + 10);
                frame[5] = (byte) count;
                int end = i + 2 + 17;
                byte[] changed = join(
                        slice(jpeg, 0, i), segment(0xC0, frame, new byte[3 * count]), slice(jpeg, end, jpeg.length));
                IOException e = assertThrows(IOException.class, () -> ImageDecoder.decode(changed));
                assertTrue(e.getMessage().contains(why), e.getMessage());
                return;
            }
        }
        throw new AssertionError("no frame header");
    }

    @Test
    void rareKindsAreNamed() {
        byte[] jpeg = file("b444.jpg");
        for (int i = 0; i + 1 < jpeg.length; i++) {
            if (jpeg[i] == -1 && (jpeg[i + 1] & 255) == 0xC0) {
                jpeg[i + 1] = (byte) 0xC9;
                break;
            }
        }
        IOException e = assertThrows(IOException.class, () -> ImageDecoder.decode(jpeg));
        assertTrue(e.getMessage().contains("SOF9"), e.getMessage());
    }

    private static byte[] icc(int part, int of, byte[] content) {
        return segment(APP2, ascii("ICC_PROFILE\0"), new byte[] {(byte) part, (byte) of}, content);
    }

    @Test
    void aProfileInPartsIsReadAndABrokenOneLeftOut() {
        byte[] marked = file("icc_srgb.jpg");
        byte[] bare = without(marked, APP2);
        byte[] profile = profile(marked);
        byte[] first = slice(profile, 0, 300);
        byte[] rest = slice(profile, 300, profile.length);
        byte[] with = decode(marked).data();
        byte[] none = decode(bare).data();
        assertArrayEquals(
                with, decode(insert(bare, icc(1, 2, first), icc(2, 2, rest))).data(), "two parts");
        assertArrayEquals(
                with, decode(insert(bare, icc(2, 2, rest), icc(1, 2, first))).data(), "in another order");
        assertArrayEquals(none, decode(insert(bare, icc(1, 2, first))).data(), "a part is missing");
        assertArrayEquals(
                none,
                decode(insert(bare, icc(1, 1, profile), icc(1, 1, profile))).data(),
                "twice");
        assertArrayEquals(
                none,
                decode(insert(bare, icc(1, 2, first), icc(2, 2, rest), icc(3, 2, rest)))
                        .data());
        assertArrayEquals(
                none,
                decode(insert(bare, segment(APP2, ascii("ICC_PROFILE\0")))).data(),
                "no numbers");
        assertArrayEquals(none, decode(insert(bare, icc(1, 1, new byte[400]))).data(), "zeros");
        assertArrayEquals(
                none,
                decode(insert(bare, icc(1, 1, Arrays.copyOf(profile, 250)))).data(),
                "cut");
        byte[] grey = file("g.jpg");
        assertArrayEquals(
                decode(grey).data(), decode(insert(grey, icc(1, 1, profile))).data(), "of another space");
    }

    private static byte[] profile(byte[] jpeg) {
        for (int at = 2; ; at += 2 + ((jpeg[at + 2] & 255) << 8 | jpeg[at + 3] & 255)) {
            if ((jpeg[at + 1] & 255) == APP2) {
                int end = at + 2 + ((jpeg[at + 2] & 255) << 8 | jpeg[at + 3] & 255);
                return slice(jpeg, at + 4 + 14, end);
            }
        }
    }

    @Test
    void aGreyImageHasOneChannel() {
        assertEquals(1, decode(file("g.jpg")).channels());
    }
}
