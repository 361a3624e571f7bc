package ddpm.engine.testing;

import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Runs each test of a class, but not what opens and closes its device, on a simulated GPU that lags behind. */
public final class LaggingGpu implements BeforeTestExecutionCallback, AfterTestExecutionCallback {
    private SimulatorOption deferred;

    @Override
    public void beforeTestExecution(ExtensionContext test) {
        deferred = SimulatorOption.deferred(1);
    }

    @Override
    public void afterTestExecution(ExtensionContext test) {
        if (deferred != null) { // there was a simulator
            deferred.close();
        }
    }
}
