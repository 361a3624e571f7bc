// tables of stages, and how fast solvers find the end of a known flow; -R-Dpicture=FILE.png draws error by evaluations
import ddpm.config.Named;
import ddpm.diffusion.prediction.*;
import ddpm.diffusion.schedule.*;
import ddpm.diffusion.solver.*;
import ddpm.picture.ImageGrid;
import ddpm.picture.Pictures;
import java.awt.Color;
import java.nio.file.Path;
import java.util.*;
import org.knowm.xchart.*;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;
Solver solver(String name) {
    return Named.find(Solvers.ALL, "sampler", name).with(0, 0);
}
// the stages that lead from t = 399 to t = 199, with the weights of x_0, x and slots
var linear = ScheduleConfig.reference().schedule();
void rows(String name, int from, int count) {
    double[] times = Spacing.TRAILING.times(linear, 5, true); // 999, 799, 599, 399, 199
    var plan = solver(name).plan(Course.over(linear, new Eps(), times).with(Clip.TO_IMAGE));
    for (var stage : plan.stages().subList(from, from + count)) {
        Mix m = stage.next();
        System.out.printf("%-9s asked at %3.0f: %8.4f x0 %+8.4f x", name, stage.level().t(), m.x0(), m.x());
        for (int k = 0; k < Mix.SLOTS; k++) {
            System.out.print(m.slot(k) == 0 ? "" : String.format(Locale.ROOT, " %+8.4f slot %d", m.slot(k), k));
        }
        System.out.println();
    }
}
rows("ddim", 3, 1);
rows("dpmpp_2m", 3, 1);
rows("heun", 6, 2);
// pixels of N(0.3, 0.5^2): along the flow a point keeps its distance from the mean, in standard deviations
double mean = 0.3;
double std = 0.5;
double deviation(Level l) {
    return Math.hypot(l.signal() * std, l.noise());
}
// the best network's F, from E[x_0 | x]
double network(Level l, double x) {
    double x0 = mean + l.signal() * std * std / Math.pow(deviation(l), 2) * (x - l.signal() * mean);
    return (x0 - l.a() * x) / l.b();
}
double sum(Mix m, double x0, double x, double f, double[] slots) {
    double sum = m.x0() * x0 + m.x() * x + m.f() * f;
    for (int k = 0; k < slots.length; k++) {
        sum += m.slot(k) * slots[k];
    }
    return sum;
}
// what the kernel computes, for one value in double
double run(Plan plan, double x) {
    double[] slots = new double[Mix.SLOTS];
    for (Stage s : plan.stages()) {
        double f = network(s.level(), x);
        double x0 = s.level().a() * x + s.level().b() * f;
        double next = sum(s.next(), x0, x, f, slots);
        double kept = s.keep() < 0 ? 0 : sum(s.kept(), x0, x, f, slots);
        double saved = s.save() < 0 ? 0 : sum(s.saved(), x0, x, f, slots);
        if (s.keep() >= 0) slots[s.keep()] = kept;
        if (s.save() >= 0) slots[s.save()] = saved;
        x = next;
    }
    return x;
}
var edm = new Edm(1000, 0.05, 5, 7);
Plan plan(String name, int steps) {
    double[] times = new double[steps];
    for (int i = 0; i < steps; i++) {
        times[i] = 999 * (1 - (double) i / steps);
    }
    return solver(name).plan(Course.over(edm, new EdmPreconditioning(0.5), times).endingAtFirst());
}
// at the end, of a start z standard deviations from the mean
double miss(Plan plan, double z) {
    double start = mean + z * Math.hypot(std, edm.noise(999));
    return run(plan, start) - mean - z * Math.hypot(std, edm.noise(0));
}
// root mean square over all starts: the network is linear, so the miss is miss(0) + z (miss(1) - miss(0))
double error(Plan plan) {
    double atMean = miss(plan, 0);
    return Math.hypot(atMean, miss(plan, 1) - atMean);
}
int[] evaluations = {16, 32, 64, 128, 256};
int steps(String name, int evaluations) {
    return name.equals("heun") ? evaluations / 2 : name.equals("pndm") ? evaluations - 9 : evaluations;
}
String[] names = {"euler", "ddim", "heun", "dpmpp_2m", "dpmpp_2s", "unipc", "pndm"};
System.out.println("evaluations      16        32        64       128       256  order");
for (String name : names) {
    System.out.printf("%-9s", name);
    for (int n : evaluations) {
        Plan p = plan(name, steps(name, n));
        System.out.printf("  %8.2g", error(p));
    }
    double order = Math.log(error(plan(name, steps(name, 1024))) / error(plan(name, steps(name, 2048)))) / Math.log(2);
    System.out.printf("  %5.2f%n", order);
}
String picture = System.getProperty("picture");
if (picture != null) {
    Pictures.withoutDisplay();
    var chart = new XYChartBuilder().width(720).height(440).xAxisTitle("evaluations").yAxisTitle("error").build();
    chart.getStyler().setLocale(Locale.ROOT).setLegendPosition(LegendPosition.OutsideE);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setXAxisLogarithmic(true).setXAxisMin(10.0).setXAxisMax(300.0).setYAxisLogarithmic(true);
    for (String name : names) {
        int[] some = {16, 20, 24, 32, 40, 48, 64, 80, 96, 128, 160, 192, 256};
        double[] x = Arrays.stream(some).asDoubleStream().toArray();
        double[] y = Arrays.stream(some).mapToDouble(n -> error(plan(name, steps(name, n)))).toArray();
        var line = chart.addSeries(name, x, y).setMarker(SeriesMarkers.CIRCLE);
        if (name.equals("euler")) line.setLineWidth(6); // ddim lies on it
    }
    ImageGrid.write(Path.of(picture), BitmapEncoder.getBufferedImage(chart));
}
/exit
