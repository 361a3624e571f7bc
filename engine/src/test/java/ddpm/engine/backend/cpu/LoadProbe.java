package ddpm.engine.backend.cpu;

import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.Precision;

/** A process that loads oneDNN ahead and then opens the backend in each precision named: what {@link LoadTest} starts. */
final class LoadProbe {
    private LoadProbe() {}

    public static void main(String[] args) throws InterruptedException {
        CpuBackend.preload();
        for (Thread t : Thread.getAllStackTraces().keySet()) {
            if (t.getName().equals("ddpm-cpu-preload")) {
                t.join();
            }
        }
        for (String precision : args) {
            try (CpuBackend opened = new CpuBackend(Precision.valueOf(precision))) {
                System.out.println("opened " + opened.name());
            } catch (BackendException e) {
                System.out.println(e.getMessage());
            }
        }
    }
}
