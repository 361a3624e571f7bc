// a residual, its gradient, and what is left afterwards
import ddpm.engine.backend.*;
import ddpm.engine.backend.cpu.*;
import ddpm.engine.tensor.*;
var backend = new CpuBackend(Precision.FP32);
var step = Scope.recording(backend);
var x = step.leaf(Shape.of(3), new float[] {-1, 0, 2});
var h = x.silu();
var y = h.add(x); // x goes into two operations
var loss = y.sum();
System.out.println("before: " + step.liveBytes() / 256 + " blocks");
var gradients = step.tape().backward(loss);
System.out.println("after:  " + step.liveBytes() / 256 + " blocks");
for (float v : gradients.of(x).toFloats()) {
    System.out.printf(" %.4f", v);
}
System.out.println();
void tell(Runnable use) {
    try {
        use.run();
    } catch (TensorException e) {
        System.out.println(e.getMessage());
    }
}
tell(() -> h.toFloats());
tell(() -> step.tape().backward(loss));
step.close();
tell(() -> x.toFloats());
backend.close();
/exit
