// the size of the reference's network, and what its loss is before it has learnt anything
import ddpm.diffusion.*;
import ddpm.diffusion.prediction.*;
import ddpm.diffusion.schedule.*;
import ddpm.diffusion.times.*;
import ddpm.diffusion.weighting.*;
import ddpm.engine.backend.*;
import ddpm.engine.backend.cpu.*;
import ddpm.engine.nn.*;
import ddpm.engine.ops.*;
import ddpm.engine.tensor.*;
import ddpm.model.unet.*;
import java.util.Arrays;
var backend = new CpuBackend(Precision.FP32);
var net = UNetConfig.reference().create(new Parameters(backend, 0));
System.out.printf("%,d values in %d tensors%n", net.parameters().count(), net.parameters().list().size());
net.parameters().list().stream().limit(6).forEach(p -> System.out.println("  " + p.name() + " " + Arrays.toString(p.fileShape().toArray())));
try (var scope = Scope.on(backend)) {
    var images = Shape.of(2, 28, 28, 1);
    var eps = StandardNormal.draw(scope, images, 7, Streams.TRAINING_NOISE, 0, 0);
    var table = TrainingTable.of(ScheduleConfig.reference().schedule(), new Eps(), new Simple(), new Uniform());
    var rows = scope.tensor(Shape.of(2), new int[] {10, 700});
    var xt = new QSample(table.tensor(scope)).apply(scope.zeros(images), rows, eps);
    System.out.println("prediction " + net.forward(xt, scope.tensor(Shape.of(2), new float[] {10, 700})).shape());
    System.out.printf("error of predicting no noise at all: %.2f%n", scope.zeros(images).mse(eps).item());
}
net.close();
backend.close();
/exit
