package ddpm.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.Backend;
import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.MatmulOps;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cpu.CpuBackend;
import ddpm.testing.Offline;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorTest {
    @TempDir
    Path home;

    private final StringWriter out = new StringWriter();

    private boolean examine(Supplier<Backend> cpu) {
        return examine(cpu, () -> {
            throw new BackendException("cuda: no GPU in this test");
        });
    }

    private boolean examine(Supplier<Backend> cpu, Supplier<Backend> cuda) {
        return new Doctor(new PrintWriter(out), Offline.environment(home), cpu, cuda).examine();
    }

    private void assertLine(String name, String part) {
        String found = out.toString()
                .lines()
                .filter(l -> l.startsWith(name + " "))
                .findFirst()
                .orElse("");
        assertTrue(found.contains(part), name + ": '" + part + "' is not in: " + out);
    }

    @Test
    void tellsWhatThereIs() {
        assertTrue(examine(() -> new CpuBackend(Precision.FP32)));

        assertLine("Java", System.getProperty("java.version"));
        assertLine("system", System.getProperty("os.arch"));
        assertLine("CPU", Runtime.getRuntime().availableProcessors() + " logical core");
        assertLine("oneDNN", "instruction set ");
        assertLine("bf16", "usable");
        assertLine("memory", "GB");
        assertLine("data", "mnist is not on this machine; ddpm data fetch mnist");
        assertLine("cpu", "usable");
        assertLine("cuda", "not usable: ");
        assertTrue(out.toString().contains("matrix product  right"), out.toString());
        assertTrue(out.toString().contains("convolution     right"), out.toString());
        assertTrue(out.toString().contains("recorded graph  right"), out.toString());
        assertEquals(
                List.of(),
                out.toString()
                        .lines()
                        .filter(l -> l.length() < 11 || l.charAt(9) != ' ' || l.charAt(10) == ' ')
                        .toList(),
                "every text begins in column 11");
    }

    @Test
    void saysWhyTheCpuCannotBeUsed() {
        assertFalse(examine(() -> {
            throw new BackendException("cpu: oneDNN's native library is not in the jar; build with the profile");
        }));
        assertLine("cpu", "NOT usable: cpu: oneDNN's native library is not in the jar; build with the profile");
    }

    @Test
    void noticesWrongResults() {
        assertFalse(examine(DoctorTest::wrongProducts));
        assertLine("cpu", "NOT usable: it computes wrong results");
        assertTrue(out.toString().contains("matrix product  WRONG"), out.toString());
        assertTrue(out.toString().contains("convolution     right"), out.toString());
    }

    /** A backend whose products are never computed. */
    private static Backend wrongProducts() {
        Backend real = new CpuBackend(Precision.FP32);
        ClassLoader loader = DoctorTest.class.getClassLoader();
        Object idle = Proxy.newProxyInstance(loader, new Class<?>[] {MatmulOps.class}, (p, method, args) -> null);
        return (Backend) Proxy.newProxyInstance(loader, new Class<?>[] {Backend.class}, (p, method, args) -> {
            if (method.getName().equals("matmul")) {
                return idle;
            }
            try {
                return method.invoke(real, args);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });
    }
}
