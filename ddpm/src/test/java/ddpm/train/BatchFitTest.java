package ddpm.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ddpm.engine.backend.Backend;
import ddpm.engine.backend.MemoryOps;
import ddpm.engine.backend.OutOfMemoryException;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cpu.CpuBackend;
import ddpm.engine.backend.cuda.CudaBackend;
import ddpm.engine.backend.cuda.CudaInfo;
import ddpm.engine.backend.cuda.CudaOptions;
import ddpm.engine.testing.Devices;
import ddpm.engine.testing.SimulatorOption;
import ddpm.sample.ImageSampler;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said where a batch does not fit, on a device with little memory. */
class BatchFitTest {
    private static final int IMAGES = 96;
    private static final long MIB = 1 << 20;

    /** The CPU as a device with so many bytes. */
    private static Backend small(long bytes) {
        Backend real = new CpuBackend(Precision.FP32);
        MemoryOps memory = real.memory();
        MemoryOps limited = proxy(MemoryOps.class, (p, method, args) -> {
            long left = bytes - memory.stats().usedBytes();
            if (method.getName().equals("allocate") && (Long) args[0] > left) {
                throw new OutOfMemoryException("out of memory in this test", "use less");
            }
            return method.getName().equals("availableBytes") ? (Object) left : call(memory, method, args);
        });
        return proxy(
                Backend.class,
                (p, method, args) -> method.getName().equals("memory") ? limited : call(real, method, args));
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(BatchFitTest.class.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private static Object call(Object on, Method method, Object[] args) throws Throwable {
        try {
            return method.invoke(on, args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static Trainer trainer(Backend backend, int batch) {
        return new Trainer(
                TinyRun.config("quick", "data.size=12x12", "train.batch=" + batch, "train.precision=fp32"),
                backend,
                TinyRun.glyphs(IMAGES, 12)); // of smaller ones the pool's rounding is a large part
    }

    private static int hinted(OutOfMemoryException e) {
        assertTrue(e.getMessage().contains("out of memory "), e::getMessage);
        Matcher hint = Pattern.compile("a batch of about (\\d+) would fit").matcher(e.getMessage());
        assertTrue(hint.find(), e::getMessage);
        return Integer.parseInt(hint.group(1));
    }

    @Test
    void namesTheBatchOfATrainingThatFitsAndNotMuchLess() {
        try (Backend backend = small(2 * MIB)) {
            int fits;
            try (Trainer tooLarge = trainer(backend, IMAGES)) {
                fits = hinted(assertThrows(OutOfMemoryException.class, () -> tooLarge.next(1)));
                assertEquals(fits, hinted(assertThrows(OutOfMemoryException.class, () -> tooLarge.rehearse(IMAGES))));
            }
            assertTrue(fits > 1, "fits " + fits);
            try (Trainer fitting = trainer(backend, fits)) {
                fitting.next(1);
            }
            try (Trainer larger = trainer(backend, fits + Math.max(2, fits / 4))) {
                assertThrows(OutOfMemoryException.class, () -> larger.next(1));
            }
        }
    }

    /**
     * The GPU's memory also holds the pool's free blocks, cuDNN's workspaces, and what a recorded step refers to. Without a
     * graph free blocks are given back in the middle of a step, so that more fits than is named.
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Tag("cuda")
    void cudaNamesTheBatchOfATrainingThatFitsAndNotMuchLess(boolean graphs) {
        Devices.cuda().backend(); // or the test is skipped
        try (CudaBackend backend = new CudaBackend(new CudaOptions(Precision.FP32, graphs, 0))) {
            long others = CudaInfo.examine().totalBytes() - backend.memory().availableBytes();
            SimulatorOption.memory(others / MIB + 4).during(() -> {
                int fits;
                try (Trainer tooLarge = trainer(backend, IMAGES)) {
                    fits = hinted(assertThrows(OutOfMemoryException.class, () -> tooLarge.next(1)));
                }
                assertTrue(fits > 1 && fits < IMAGES, "fits " + fits);
                steps(backend, fits);
                int larger = graphs ? fits + Math.max(2, fits / 4) : 2 * fits;
                assertThrows(OutOfMemoryException.class, () -> steps(backend, larger));
                return null;
            });
        }
    }

    /** A new training's first steps: one is plain, the next recorded and replayed, the third replayed. */
    private static void steps(Backend backend, int batch) {
        backend.memory().trim();
        try (Trainer trainer = trainer(backend, batch)) {
            for (int i = 0; i < 3; i++) {
                assertEquals(batch, trainer.next(1).get(0).batch());
            }
        }
    }

    @Test
    void namesTheBatchOfASampling() {
        try (Backend backend = small(2 * MIB);
                Trainer trainer = trainer(backend, 1)) {
            ImageSampler sampler = TinyRun.sampler(trainer);
            int fits = hinted(assertThrows(OutOfMemoryException.class, () -> sampler.draw(2000, 2000)));
            assertTrue(fits > 1, "fits " + fits);
            sampler.draw(fits, fits);
            assertThrows(OutOfMemoryException.class, () -> sampler.draw(2 * fits, 2 * fits));
        }
    }

    @Test
    void saysWhereNothingFits() {
        try (Backend backend = small(2 * MIB);
                Trainer trainer = trainer(backend, IMAGES)) {
            long rest = backend.memory().availableBytes();
            var filler = backend.memory().allocate(rest - 1000);
            OutOfMemoryException e = assertThrows(OutOfMemoryException.class, () -> trainer.next(1));
            assertEquals(
                    List.of("out of memory in this test; use less", "  fewer than 8 images fit"),
                    e.getMessage().lines().toList());
            backend.memory().free(filler);
        }
    }
}
