// four digits at seven timesteps, as a picture: -R-Dpicture=FILE.png, drown.png unless given
import ddpm.config.ImageSize;
import ddpm.data.*;
import ddpm.data.source.DataSources;
import ddpm.diffusion.*;
import ddpm.diffusion.schedule.*;
import ddpm.engine.random.*;
import ddpm.picture.ColumnLabels;
import ddpm.picture.ImageGrid;
import java.nio.file.Path;
import java.util.*;
int[] shown = {0, 10, 100, 250, 500, 750, 999};
var schedule = ScheduleConfig.reference().schedule();
byte[][] digits = DataSources.load(DataSpec.of("glyphs").withCount(4)).images();
var tiles = new ArrayList<byte[]>();
for (int i = 0; i < digits.length; i++) {
    float[] eps = new float[digits[i].length];
    Normals.fill(7, Streams.TRAINING_NOISE, i, 0, eps, 0, eps.length); // the same noise in all columns
    for (int t : shown) {
        byte[] noisy = new byte[eps.length];
        for (int k = 0; k < eps.length; k++) {
            double x = schedule.signal(t) * ((digits[i][k] & 255) / 127.5 - 1) + schedule.noise(t) * eps[k];
            noisy[k] = (byte) Math.round((Math.max(-1, Math.min(1, x)) + 1) * 127.5);
        }
        tiles.add(noisy);
    }
}
var labels = Arrays.stream(shown).mapToObj(t -> "t=" + t).toList();
var sheet = ImageGrid.grid(tiles.toArray(byte[][]::new), 28, 28, 1, shown.length, 2, 3);
ImageGrid.write(Path.of(System.getProperty("picture", "drown.png")), ColumnLabels.above(sheet, shown.length, labels, 2));
/exit
