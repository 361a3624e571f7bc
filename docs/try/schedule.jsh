// how much of an image is left after t steps
import ddpm.diffusion.schedule.*;
var s = ScheduleConfig.reference().schedule();
System.out.println("   t      beta   signal    noise  signal/noise");
for (int t : new int[] {0, 10, 100, 250, 500, 750, 999}) {
    System.out.printf("%4d  %.6f  %.5f  %.5f  %.4g%n", t, s.beta(t), s.signal(t), s.noise(t), s.signal(t) / s.noise(t));
}
/exit
