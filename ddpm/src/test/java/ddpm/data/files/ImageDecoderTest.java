package ddpm.data.files;

import static ddpm.data.DataFiles.encode;
import static ddpm.data.DataFiles.ramp;
import static java.awt.image.BufferedImage.TYPE_3BYTE_BGR;
import static java.awt.image.BufferedImage.TYPE_4BYTE_ABGR;
import static java.awt.image.BufferedImage.TYPE_BYTE_GRAY;
import static java.awt.image.BufferedImage.TYPE_USHORT_GRAY;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.data.Channels;
import ddpm.data.HeapTooSmallException;
import ddpm.data.Pixels;
import ddpm.data.Remark;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
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
        Pixels image = SampleFiles.decode(encode(ramp(9, 30, TYPE_BYTE_GRAY), format));
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
        Pixels image = SampleFiles.decode(encode(source, format));
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
        int[] found = values(SampleFiles.decode(encode(deep, "png")));
        assertEquals("[0, 100, 101, 255]", Arrays.toString(found));
    }

    @Test
    void alphaIsCompositedOnWhite() throws IOException {
        BufferedImage image = new BufferedImage(3, 1, TYPE_4BYTE_ABGR);
        image.getRaster().setPixels(0, 0, 3, 1, new int[] {200, 100, 0, 0, 200, 100, 0, 255, 200, 100, 0, 51});
        int[] found = values(SampleFiles.decode(encode(image, "png")));
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
        int[] found = values(SampleFiles.decode(encode(image, "png")));
        assertEquals("[255, 255, 255, 250, 20, 30, 77, 77, 77]", Arrays.toString(found));
    }

    @Test
    void greyIsRec601Luma() {
        Pixels rgb = new Pixels(1, 4, 3, new byte[] {-1, 0, 0, 0, -1, 0, 0, 0, -1, 50, 50, 50});
        assertEquals("[76, 150, 29, 50]", Arrays.toString(values(rgb.toGrey())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpeg", "gif", "bmp", "tiff"})
    void damageIsAnImageOrAnIOException(String format) throws IOException {
        damage(encode(ramp(24, 24, TYPE_3BYTE_BGR), format), 200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cmykprog.jpg", "lossy.webp", "lla.webp", "anim.webp", "rgb_tiff_lzw.tif"})
    void damageOfOtherKinds(String name) throws IOException {
        damage(SampleFiles.file(name), 60);
    }

    private static void damage(byte[] whole, int times) {
        Random random = new Random(5);
        for (int i = 0; i < times; i++) {
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
        IOException e =
                assertThrows(IOException.class, () -> ImageDecoder.decode("hello".getBytes(StandardCharsets.UTF_8)));
        assertEquals("its content is not PNG, JPEG, GIF, BMP, WebP or TIFF", e.getMessage());
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

    @Test
    void hugeSizesOfOtherFormatsAreRefused() {
        byte[] jpeg = SampleFiles.file("b444.jpg");
        for (int i = 0; i + 9 < jpeg.length; i++) {
            if (jpeg[i] == -1 && (jpeg[i + 1] & 255) == 0xC0) {
                Arrays.fill(jpeg, i + 5, i + 9, (byte) 0xFF);
                break;
            }
        }
        byte[] gif = SampleFiles.file("small-frame-8x8.gif");
        Arrays.fill(gif, 6, 10, (byte) 0xFF); // the canvas, which its small image lies on
        for (byte[] file : new byte[][] {jpeg, gif}) {
            IOException e = assertThrows(IOException.class, () -> ImageDecoder.decode(file));
            assertTrue(e.getMessage().endsWith("pixels, more than 100 million"), e.getMessage());
        }
    }

    /** The picture of a GIF is its screen; where no image covers it, browsers show what is behind: here white. */
    @Test
    void theFirstImageOfAGifLiesOnItsScreen() throws IOException {
        byte[] file = SampleFiles.file("small-frame-8x8.gif");
        Pixels image = SampleFiles.decode(file);
        assertEquals("8x8", image.height() + "x" + image.width());
        assertEquals("8x8", ImageDecoder.extent(file).toString());
        for (int i = 0; i < 64; i++) {
            boolean inside = i / 8 >= 2 && i / 8 < 6 && i % 8 >= 2 && i % 8 < 6;
            for (int k = 0; k < 3; k++) {
                assertEquals(inside ? 0 : 255, image.data()[3 * i + k] & 255, "at " + i);
            }
        }
        file[6] = 5; // a screen of 5x8, which the image does not fit in: browsers make it larger
        assertEquals("8x6", ImageDecoder.extent(file).toString());
        assertEquals(6, SampleFiles.decode(file).width());
    }

    @ParameterizedTest
    @ValueSource(strings = {"anim.gif", "anim.webp", "pages.tif"})
    void theFirstImageOfSeveral(String name) throws IOException {
        Decoded image = ImageDecoder.decode(SampleFiles.file(name));
        assertTrue(image.remarks().contains(Remark.FIRST_FRAME));
        if (!name.endsWith(".gif")) { // whose palette is another
            assertArrayEquals(
                    SampleFiles.decode(SampleFiles.file("rgb.png")).data(),
                    image.pixels().data());
        }
    }

    @Test
    void anAnimatedPngIsItsFirstImage() throws IOException {
        byte[] png = SampleFiles.chunk(SampleFiles.file("rgb.png"), "acTL", new byte[8]);
        assertTrue(ImageDecoder.decode(png).remarks().contains(Remark.FIRST_FRAME));
        assertTrue(ImageDecoder.decode(SampleFiles.file("rgb.png")).remarks().isEmpty());
    }

    @ParameterizedTest
    @CsvSource({
        "ll.webp, rgb.png",
        "lla.webp, rgba.png",
        "rgb_tiff_lzw.tif, rgb.png",
        "rgb_packbits.tif, rgb.png",
        "rgba.tif, rgba.png",
        "1.tif, 1.png",
        "g4.tif, 1.png",
        "gwz.tif, g.png"
    })
    void losslessFormatsAgree(String name, String png) {
        Pixels want = SampleFiles.decode(SampleFiles.file(png)).as(Channels.AUTO);
        Pixels found = SampleFiles.decode(SampleFiles.file(name)).as(Channels.AUTO);
        assertEquals(want.height() + "x" + want.width(), found.height() + "x" + found.width());
        assertArrayEquals(want.data(), found.data());
    }

    @Test
    void cmykOfATiff() throws IOException {
        Decoded image = ImageDecoder.decode(SampleFiles.file("cmyk.tif"));
        assertTrue(image.remarks().contains(Remark.CMYK));
        byte[] want = SampleFiles.decode(SampleFiles.file("rgb.png")).data();
        for (int i = 0; i < want.length; i++) {
            assertEquals(want[i] & 255, image.pixels().data()[i] & 255, 1, "at " + i);
        }
    }

    @ParameterizedTest
    @CsvSource({"f.tif,float32 samples", "lab.tif,CIELab colours", "a.avif,AVIF is not supported"})
    void whatCannotBeReadIsNamed(String name, String why) {
        IOException e = assertThrows(IOException.class, () -> ImageDecoder.decode(SampleFiles.file(name)));
        assertTrue(e.getMessage().startsWith(why), e.getMessage());
    }

    @Test
    void remarksSayWhatWasDone() throws IOException {
        assertEquals(
                Set.of(Remark.TRANSPARENT),
                ImageDecoder.decode(SampleFiles.file("rgba.png")).remarks());
        assertEquals(
                Set.of(Remark.DEEP),
                ImageDecoder.decode(SampleFiles.file("g16.png")).remarks());
    }

    /** Threads of a server or a plugin may have a class loader that knows nothing of the readers. */
    @Test
    void readersAreFoundWithoutAContextClassLoader() throws InterruptedException {
        byte[][] found = new byte[1][];
        Thread bare = new Thread(
                () -> found[0] = SampleFiles.decode(SampleFiles.file("ll.webp")).data());
        bare.setContextClassLoader(null);
        bare.start();
        bare.join();
        assertArrayEquals(SampleFiles.decode(SampleFiles.file("rgb.png")).data(), found[0]);
    }

    @Test
    void anImageThatTheHeapCannotHold() throws IOException {
        byte[] png = SampleFiles.file("rgb.png");
        ImageDecoder.decode(png, 24 * 40 * 7 + 2 * png.length);
        HeapTooSmallException e =
                assertThrows(HeapTooSmallException.class, () -> ImageDecoder.decode(png, 24 * 40 * 7));
        assertTrue(e.getMessage().startsWith("an image of 24x40 (height x width) takes 7."), e.getMessage());
    }
}
