package ddpm.picture;

import static ddpm.data.DataFiles.assertSays;
import static ddpm.data.DataFiles.encode;
import static ddpm.data.DataFiles.ramp;
import static ddpm.data.DataFiles.write;
import static java.awt.image.BufferedImage.TYPE_3BYTE_BGR;
import static java.awt.image.BufferedImage.TYPE_BYTE_GRAY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.data.DataFiles;
import ddpm.data.DataReport;
import ddpm.data.DataSpec;
import ddpm.data.ImageSet;
import ddpm.data.source.DataSources;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the program draws is told from what there is to learn. */
class OwnPicturesTest {
    @TempDir
    Path folder;

    private ImageSet load() {
        return DataSources.load(DataSpec.of(folder.toString()), DataFiles.environment(folder));
    }

    @Test
    void everythingThatIsDrawnCarriesTheNote() throws IOException {
        for (int type : new int[] {TYPE_3BYTE_BGR, TYPE_BYTE_GRAY}) {
            BufferedImage image = ramp(20, 30, type);
            Path png = folder.resolve(type + ".png");
            ImageGrid.write(png, image);
            assertTrue(OwnPictures.isMarked(Files.readAllBytes(png)), "PNG " + type);
            assertEquals(30, ImageIO.read(png.toFile()).getWidth());
            Path gif = folder.resolve(type + ".gif");
            GifWriter.write(gif, List.of(image, image), 100, 100);
            assertTrue(OwnPictures.isMarked(Files.readAllBytes(gif)), "GIF " + type);
        }
        for (String format : List.of("png", "gif", "jpeg", "bmp")) {
            assertFalse(OwnPictures.isMarked(encode(ramp(20, 30, TYPE_3BYTE_BGR), format)), format);
        }
        assertFalse(OwnPictures.isMarked(new byte[0]));
    }

    @Test
    void theyAreLeftOutAndSaid() throws IOException {
        write(folder.resolve("a.png"), encode(ramp(6, 6, TYPE_3BYTE_BGR), "png"));
        for (String name : List.of("grid.png", "in/b.png", "in/c.png", "in/d.png")) {
            ImageGrid.write(folder.resolve(name), ramp(8, 9, TYPE_BYTE_GRAY)); // another size: no contradiction
        }
        write(folder.resolve("runs/x/config.yaml"), new byte[1]);
        write(folder.resolve("runs/x/metrics.jsonl"), new byte[1]);
        write(folder.resolve("runs/x/samples/step-00000001.png"), encode(ramp(6, 6, TYPE_3BYTE_BGR), "png"));
        write(folder.resolve("runs/y/config.yaml"), new byte[1]); // settings alone are no run
        write(folder.resolve("runs/y/b.png"), encode(ramp(6, 6, TYPE_3BYTE_BGR), "png"));

        ImageSet set = load();
        assertEquals(List.of("a.png", "runs/y/b.png"), set.files());
        assertEquals(
                List.of("left out: 1 picture in the run folder runs/x, 4 pictures that ddpm drew (grid.png, in/b.png,"
                        + " in/c.png, ...)"),
                set.notes().lines());
        List<String> report = DataReport.lines(set);
        assertEquals(set.notes().lines().get(0), report.get(report.size() - 1));
        assertTrue(set.describe().endsWith("\n" + set.notes().lines().get(0)));
    }

    @Test
    void aFolderOfNothingElseIsRefusedWithTheReason() throws IOException {
        ImageGrid.write(folder.resolve("grid.png"), ramp(8, 9, TYPE_BYTE_GRAY));
        assertSays(this::load, "no usable image; found 1 drawn by ddpm, left out");
    }
}
