package ddpm.data.files;

import static ddpm.data.files.SampleFiles.decode;
import static ddpm.data.files.SampleFiles.file;
import static ddpm.data.files.SampleFiles.orientation;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.data.DataFiles;
import ddpm.data.Pixels;
import ddpm.data.Remark;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OrientationTest {
    /** Two rows of three, 1 2 3 and 4 5 6, as the file has them. */
    private static byte[] png() throws IOException {
        BufferedImage image = new BufferedImage(3, 2, BufferedImage.TYPE_BYTE_GRAY);
        image.getRaster().setPixels(0, 0, 3, 2, new int[] {1, 2, 3, 4, 5, 6});
        return DataFiles.encode(image, "png");
    }

    @ParameterizedTest
    @CsvSource({
        "1, 2x3, 1 2 3 4 5 6", "2, 2x3, 3 2 1 6 5 4", "3, 2x3, 6 5 4 3 2 1", "4, 2x3, 4 5 6 1 2 3",
        "5, 3x2, 1 4 2 5 3 6", "6, 3x2, 4 1 5 2 6 3", "7, 3x2, 6 3 5 2 4 1", "8, 3x2, 3 6 2 5 1 4",
        "0, 2x3, 1 2 3 4 5 6", "9, 2x3, 1 2 3 4 5 6"
    })
    void everyCode(int code, String size, String values) throws IOException {
        byte[] file = SampleFiles.chunk(png(), "eXIf", orientation(code));
        Decoded image = ImageDecoder.decode(file);
        assertEquals(size, image.pixels().height() + "x" + image.pixels().width());
        assertEquals(size, ImageDecoder.extent(file).toString(), "before decoding");
        byte[] want = new byte[6];
        for (int i = 0; i < 6; i++) {
            want[i] = Byte.parseByte(values.split(" ")[i]);
        }
        assertArrayEquals(want, image.pixels().data());
        assertEquals(code >= 2 && code <= 8, image.remarks().contains(Remark.TURNED));
    }

    /** All were saved with code 6 from the same picture: the file's first row is the right side. */
    @ParameterizedTest
    @CsvSource({"exif.png, rgb.png", "exif.tif, rgb.png"})
    void everyFormatThatCarriesIt(String turned, String plain) throws IOException {
        Decoded image = ImageDecoder.decode(file(turned));
        assertTrue(image.remarks().contains(Remark.TURNED));
        Pixels want = decode(file(plain)).transposed().mirrored();
        assertEquals(
                want.height() + "x" + want.width(),
                image.pixels().height() + "x" + image.pixels().width());
        assertArrayEquals(want.data(), image.pixels().data());
    }

    @Test
    void lossyFormatsToo() throws IOException {
        byte[] plain = SampleFiles.without(file("exif.jpg"), 0xE1);
        Pixels want = decode(plain).transposed().mirrored();
        assertArrayEquals(want.data(), decode(file("exif.jpg")).data());
        Decoded webp = ImageDecoder.decode(file("exif.webp"));
        assertEquals("40x24", webp.pixels().height() + "x" + webp.pixels().width());
        assertTrue(webp.remarks().contains(Remark.TURNED));
        assertEquals("24x8", ImageDecoder.extent(file("exif-6-24x8.jpg")).toString());
        assertFalse(ImageDecoder.decode(plain).remarks().contains(Remark.TURNED));
    }

    @Test
    void damagedExifLeavesTheImageAsItIs() throws IOException {
        Random random = new Random(3);
        byte[] png = png();
        for (int i = 0; i < 100; i++) {
            byte[] exif = Arrays.copyOf(orientation(1), random.nextInt(27));
            for (int k = 0; k < i % 5 && exif.length > 0; k++) {
                exif[random.nextInt(exif.length)] = (byte) random.nextInt();
            }
            Pixels image = decode(SampleFiles.chunk(png, "eXIf", exif));
            byte[] sorted = image.data().clone();
            Arrays.sort(sorted);
            assertArrayEquals(new byte[] {1, 2, 3, 4, 5, 6}, sorted, "the same pixels in some order");
        }
    }
}
