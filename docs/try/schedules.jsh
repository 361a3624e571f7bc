// log SNR of the six schedules by t, as a table; -R-Dpicture=FILE.png draws it
import ddpm.config.Named;
import ddpm.diffusion.*;
import ddpm.diffusion.schedule.*;
import ddpm.picture.ImageGrid;
import ddpm.picture.Pictures;
import java.awt.Color;
import java.nio.file.Path;
import java.util.*;
import java.util.stream.IntStream;
import org.knowm.xchart.*;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;
double logSnr(Schedule s, int t) {
    return 2 * Math.log(s.signal(t) / s.noise(t));
}
int[] shown = {0, 10, 100, 250, 499, 750, 998, 999};
System.out.printf("%-13s", "t");
for (int t : shown) {
    System.out.printf("%7d", t);
}
System.out.println("   image = noise at t");
for (Named<ScheduleConfig> kind : Schedules.ALL) {
    Schedule s = kind.value().schedule();
    System.out.printf("%-13s", kind.name());
    for (int t : shown) {
        System.out.print(s.signal(t) == 0 ? "   -inf" : String.format(Locale.ROOT, "%7.2f", logSnr(s, t)));
    }
    System.out.printf("  %6.1f%n", s.atSigma(1));
}
String picture = System.getProperty("picture");
if (picture != null) {
    Pictures.withoutDisplay();
    var chart = new XYChartBuilder().width(720).height(400).xAxisTitle("t").yAxisTitle("log SNR").build();
    chart.getStyler().setLocale(Locale.ROOT).setLegendPosition(LegendPosition.OutsideE);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setXAxisMin(0.0).setXAxisMax(1000.0);
    for (Named<ScheduleConfig> kind : Schedules.ALL) {
        Schedule s = kind.value().schedule();
        double[] t = IntStream.range(0, s.endsInNoise() ? 999 : 1000)
                .filter(i -> i % 10 == 0 || i < 20 || i > 980)
                .asDoubleStream()
                .toArray();
        double[] y = Arrays.stream(t).map(at -> logSnr(s, (int) at)).toArray();
        chart.addSeries(kind.name(), t, y).setMarker(SeriesMarkers.NONE);
    }
    ImageGrid.write(Path.of(picture), BitmapEncoder.getBufferedImage(chart));
}
/exit
