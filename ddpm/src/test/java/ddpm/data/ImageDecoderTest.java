package ddpm.data;

import static ddpm.data.DataFiles.encode;
import static ddpm.data.DataFiles.ramp;
import static java.awt.image.BufferedImage.TYPE_3BYTE_BGR;
import static java.awt.image.BufferedImage.TYPE_4BYTE_ABGR;
import static java.awt.image.BufferedImage.TYPE_BYTE_GRAY;
import static java.awt.image.BufferedImage.TYPE_USHORT_GRAY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageDecoderTest {
    private static int[] values(Pixels image) {
        int[] values = new int[image.data().length];
        for (int i = 0; i < values.length; i++) {
            values[i] = image.data()[i] & 255;
        }
        return values;
    }

    @ParameterizedTest
    @CsvSource({"png,0", "bmp,0", "gif,0", "jpeg,3"})
    void greyValuesComeBack(String format, int tolerance) throws IOException {
        Pixels image = ImageDecoder.decode(encode(ramp(9, 30, TYPE_BYTE_GRAY), format));
        assertEquals("9x30", image.height() + "x" + image.width());
        int[] found = values(image.as(Channels.AUTO));
        assertEquals(9 * 30, found.length, "one channel");
        if (format.equals("gif")) {
            return; // ImageIO's own conversion to a palette changes grey values while writing
        }
        for (int i = 0; i < found.length; i++) {
            assertEquals(255 * (i / 30 + i % 30) / 37, found[i], tolerance);
        }
    }

    @ParameterizedTest
    @CsvSource({"png,0", "bmp,0", "gif,12", "jpeg,12"})
    void colours(String format, int tolerance) throws IOException {
        BufferedImage source = ramp(64, 64, TYPE_3BYTE_BGR);
        Pixels image = ImageDecoder.decode(encode(source, format));
        assertEquals(3, image.channels());
        int[] want = source.getRaster().getPixels(0, 0, 64, 64, (int[]) null);
        int[] found = values(image);
        for (int i = 0; i < want.length; i++) {
            assertEquals(want[i], found[i], tolerance, "at " + i);
        }
    }

    @Test
    void sixteenBitsAreScaledToEight() throws IOException {
        BufferedImage deep = new BufferedImage(4, 1, TYPE_USHORT_GRAY);
        deep.getRaster().setPixels(0, 0, 4, 1, new int[] {0, 257 * 100, 257 * 100 + 200, 65535});
        int[] found = values(ImageDecoder.decode(encode(deep, "png")));
        assertEquals("[0, 100, 101, 255]", Arrays.toString(found));
    }

    @Test
    void alphaIsCompositedOnWhite() throws IOException {
        BufferedImage image = new BufferedImage(3, 1, TYPE_4BYTE_ABGR);
        image.getRaster().setPixels(0, 0, 3, 1, new int[] {200, 100, 0, 0, 200, 100, 0, 255, 200, 100, 0, 51});
        int[] found = values(ImageDecoder.decode(encode(image, "png")));
        assertEquals("[255, 255, 255, 200, 100, 0, 244, 224, 204]", Arrays.toString(found));
    }

    @Test
    void palettesAndTheirTransparentColour() throws IOException {
        byte[] red = {0, (byte) 250, 77};
        byte[] green = {0, 20, 77};
        byte[] blue = {0, 30, 77};
        byte[] alpha = {0, (byte) 255, (byte) 255};
        IndexColorModel palette = new IndexColorModel(2, 3, red, green, blue, alpha);
        BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_BYTE_BINARY, palette);
        image.getRaster().setPixels(0, 0, 3, 1, new int[] {0, 1, 2});
        int[] found = values(ImageDecoder.decode(encode(image, "png")));
        assertEquals("[255, 255, 255, 250, 20, 30, 77, 77, 77]", Arrays.toString(found));
    }

    @Test
    void greyIsRec601Luma() {
        Pixels rgb = new Pixels(1, 4, 3, new byte[] {-1, 0, 0, 0, -1, 0, 0, 0, -1, 50, 50, 50});
        assertEquals("[76, 150, 29, 50]", Arrays.toString(values(rgb.toGrey())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpeg", "gif", "bmp"})
    void cutShort(String format) throws IOException {
        byte[] whole = encode(ramp(64, 64, TYPE_3BYTE_BGR), format);
        ImageDecoder.decode(whole);
        for (double part : new double[] {0.02, 0.3, 0.6, 0.9}) {
            byte[] cut = Arrays.copyOf(whole, (int) (whole.length * part));
            assertThrows(IOException.class, () -> ImageDecoder.decode(cut), format + " " + part);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpeg", "gif", "bmp"})
    void damageIsAnImageOrAnIOException(String format) throws IOException {
        byte[] whole = encode(ramp(24, 24, TYPE_3BYTE_BGR), format);
        Random random = new Random(5);
        for (int i = 0; i < 300; i++) {
            byte[] damaged = whole.clone();
            for (int k = 0; k < 1 + i % 8; k++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            try {
                ImageDecoder.decode(damaged);
            } catch (IOException e) {
                assertTrue(e.getMessage() != null && !e.getMessage().isBlank(), "a reason for the user");
            }
        }
    }

    /** The offset of the pixels is negative: the BMP reader answers that with a NegativeArraySizeException. */
    @Test
    void aReaderThatThrowsIsAnIOException() throws IOException {
        byte[] bmp = encode(ramp(4, 4, TYPE_3BYTE_BGR), "bmp");
        bmp[13] = (byte) 128;
        IOException e = assertThrows(IOException.class, () -> ImageDecoder.decode(bmp));
        assertTrue(e.getMessage().startsWith("damaged: "), e.getMessage());
    }

    @Test
    void otherContent() {
        IOException e = assertThrows(
                IOException.class, () -> ImageDecoder.decode("RIFF....WEBP".getBytes(StandardCharsets.UTF_8)));
        assertEquals("its content is not PNG, JPEG, GIF or BMP", e.getMessage());
        assertEquals(
                "the file is empty",
                assertThrows(IOException.class, () -> ImageDecoder.decode(new byte[0]))
                        .getMessage());
    }

    @Test
    void aHugeHeaderIsRefusedBeforeAnythingIsAllocated() throws IOException {
        byte[] png = encode(ramp(4, 4, TYPE_3BYTE_BGR), "png");
        png[16] = 0;
        png[17] = 1; // width 65540
        png[21] = 1; // height 65540
        java.util.zip.CRC32 crc = new java.util.zip.CRC32();
        crc.update(png, 12, 17);
        java.nio.ByteBuffer.wrap(png).putInt(29, (int) crc.getValue());
        IOException e = assertThrows(IOException.class, () -> ImageDecoder.decode(png));
        assertEquals("4,295,491,600 pixels, more than 100 million", e.getMessage());
    }
}
