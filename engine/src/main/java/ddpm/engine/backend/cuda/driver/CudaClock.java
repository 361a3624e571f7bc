package ddpm.engine.backend.cuda.driver;

import ddpm.engine.backend.Clock;
import java.util.ArrayList;
import java.util.List;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.JCudaDriver;

/** Events in the stream: the time at which the GPU passed each of them. */
public final class CudaClock implements Clock {
    private final CudaDevice device;
    private final List<CUevent> events = new ArrayList<>();

    public CudaClock(CudaDevice device) {
        this.device = device;
    }

    @Override
    public int mark() {
        device.makeCurrent();
        CUevent event = new CUevent();
        CudaStatus.check(JCudaDriver.cuEventCreate(event, CUevent_flags.CU_EVENT_DEFAULT), "making an event");
        events.add(event);
        CudaStatus.check(JCudaDriver.cuEventRecord(event, device.stream()), "recording an event");
        return events.size() - 1;
    }

    @Override
    public double micros(int mark) {
        float[] milliseconds = {0};
        CudaStatus.check(
                JCudaDriver.cuEventElapsedTime(milliseconds, events.get(0), events.get(mark)), "reading an event");
        return milliseconds[0] * 1e3;
    }

    @Override
    public void close() {
        device.makeCurrent();
        events.forEach(JCudaDriver::cuEventDestroy);
        events.clear();
    }
}
