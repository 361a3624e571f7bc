package ddpm.picture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.data.DataFiles;
import ddpm.data.files.ImageDecoder;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GifWriterTest {
    @TempDir
    Path folder;

    private static BufferedImage grey(int shift) {
        byte[] values = new byte[256];
        for (int i = 0; i < 256; i++) {
            values[i] = (byte) (i + shift);
        }
        return ImageGrid.grid(new byte[][] {values}, 16, 16, 1, 1, 0, 1);
    }

    private static ImageReader reader(byte[] gif) {
        ImageReader reader = ImageIO.getImageReadersByFormatName("gif").next();
        reader.setInput(new MemoryCacheImageInputStream(new ByteArrayInputStream(gif)));
        return reader;
    }

    @Test
    void greyFramesKeepTheirValuesDelayAndRepeat() throws IOException {
        Path file = folder.resolve("a.gif");
        GifWriter.write(file, List.of(grey(0), grey(40), grey(80)), 120, 2000);
        byte[] gif = Files.readAllBytes(file);
        ImageReader reader = reader(gif);
        assertEquals(3, reader.getNumImages(true));
        for (int i = 0; i < 3; i++) {
            int[] found = new int[3 * 256];
            BufferedImage frame = reader.read(i);
            for (int k = 0; k < 256; k++) {
                int rgb = frame.getColorModel().getRGB(frame.getRaster().getSample(k % 16, k / 16, 0));
                found[k] = rgb & 255;
                assertEquals((k + 40 * i) % 256, found[k], "frame " + i);
            }
            IIOMetadataNode root =
                    (IIOMetadataNode) reader.getImageMetadata(i).getAsTree("javax_imageio_gif_image_1.0");
            IIOMetadataNode control = (IIOMetadataNode)
                    root.getElementsByTagName("GraphicControlExtension").item(0);
            assertEquals(i < 2 ? "12" : "200", control.getAttribute("delayTime"), "the last one rests");
        }
        String text = new String(gif, StandardCharsets.ISO_8859_1);
        assertTrue(text.contains("NETSCAPE2.0\u0003\u0001\u0000\u0000\u0000"), "repeats for ever");
        assertEquals(text.indexOf("NETSCAPE"), text.lastIndexOf("NETSCAPE"), "said once");
    }

    @Test
    void coloursStayNear() throws IOException {
        Path file = folder.resolve("a.gif");
        BufferedImage ramp = DataFiles.ramp(32, 32, BufferedImage.TYPE_3BYTE_BGR);
        GifWriter.write(file, List.of(ramp, ramp), 0, 0);
        byte[] gif = Files.readAllBytes(file);
        int[] want = ramp.getRaster().getPixels(0, 0, 32, 32, (int[]) null);
        byte[] found = ImageDecoder.decode(gif).pixels().data();
        int[] values = new int[found.length];
        for (int i = 0; i < found.length; i++) {
            values[i] = found[i] & 255;
            assertEquals(want[i], values[i], 12);
        }
        assertArrayEquals(
                new int[] {32, 32},
                new int[] {reader(gif).getWidth(0), reader(gif).getHeight(0)});
    }

    @Test
    void refusesFramesThatDiffer() {
        assertThrows(IllegalArgumentException.class, () -> GifWriter.write(folder.resolve("a"), List.of(), 10, 10));
        BufferedImage small = new BufferedImage(16, 3, BufferedImage.TYPE_BYTE_GRAY);
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class,
                () -> GifWriter.write(folder.resolve("a"), List.of(grey(0), small), 10, 10));
        assertEquals("gif: a frame is 16x3, the first 16x16; all must have one size", e.getMessage());
    }
}
