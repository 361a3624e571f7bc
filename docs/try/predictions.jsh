// the least loss that any network can have, by t and prediction, for pixels of N(0, 0.5^2); -R-Dpicture=FILE.png draws it
import ddpm.diffusion.*;
import ddpm.diffusion.prediction.*;
import ddpm.diffusion.schedule.*;
import ddpm.diffusion.weighting.*;
import ddpm.picture.ImageGrid;
import ddpm.picture.Pictures;
import java.awt.Color;
import java.nio.file.Path;
import java.util.*;
import java.util.stream.IntStream;
import org.knowm.xchart.*;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;
double variance = 0.25; // of a pixel
var schedule = ScheduleConfig.reference().schedule();
var predictions = new LinkedHashMap<String, Prediction>();
predictions.put("eps", new Eps());
predictions.put("x0", new X0());
predictions.put("v", new V());
predictions.put("edm", new EdmPreconditioning(0.5));
Prediction.Coefficients at(Prediction p, int t) {
    return p.at(schedule.signal(t), schedule.noise(t));
}
// x_0 given x_t is normal; its variance is what nobody can know of x_0, and F is known better by b^2
double loss(Prediction p, int t) {
    double s2 = Math.pow(schedule.signal(t), 2);
    double n2 = Math.pow(schedule.noise(t), 2);
    double ofX0 = variance * n2 / (s2 * variance + n2);
    return ofX0 / Math.pow(at(p, t).b(), 2);
}
int[] shown = {0, 10, 100, 250, 500, 750, 999};
System.out.println("   t       SNR       eps        x0         v       edm");
for (int t : shown) {
    System.out.printf("%4d  %8.3g", t, Weighting.snr(schedule, t));
    predictions.values().forEach(p -> System.out.printf("  %8.3g", loss(p, t)));
    System.out.println();
}
System.out.println("weight of min_snr, gamma 5");
for (int t : shown) {
    System.out.printf("%4d  %8.3g", t, Weighting.snr(schedule, t));
    predictions.values().forEach(p -> System.out.printf("  %8.3g", new MinSnr(5).of(schedule, at(p, t), t)));
    System.out.println();
}
String picture = System.getProperty("picture");
if (picture != null) {
    Pictures.withoutDisplay();
    var chart = new XYChartBuilder().width(720).height(400).xAxisTitle("t").yAxisTitle("least loss").build();
    chart.getStyler().setLocale(Locale.ROOT).setLegendPosition(LegendPosition.OutsideE);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setXAxisMin(0.0).setXAxisMax(1000.0);
    chart.getStyler().setYAxisLogarithmic(true);
    predictions.forEach((name, p) -> {
        double[] t = IntStream.range(0, 1000).filter(i -> i % 10 == 0 || i < 20 || i == 999).asDoubleStream().toArray();
        double[] y = Arrays.stream(t).map(at -> loss(p, (int) at)).toArray();
        chart.addSeries(name, t, y).setMarker(SeriesMarkers.NONE);
    });
    ImageGrid.write(Path.of(picture), BitmapEncoder.getBufferedImage(chart));
}
/exit
