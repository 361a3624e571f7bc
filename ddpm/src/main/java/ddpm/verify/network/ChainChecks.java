package ddpm.verify.network;

import ddpm.diffusion.Schedule;
import ddpm.diffusion.schedule.ScheduleConfig;
import ddpm.diffusion.solver.Clip;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Tensor;
import ddpm.model.unet.UNet;
import ddpm.verify.given.GivenNoise;
import ddpm.verify.given.Steps;
import ddpm.verify.report.Difference;
import ddpm.verify.report.Report;
import ddpm.verify.report.Tolerance;
import ddpm.verify.report.VectorException;
import ddpm.verify.vectors.Expected;
import ddpm.verify.vectors.FileLayout;
import ddpm.verify.vectors.VectorFile;
import java.util.Arrays;

/** The last steps of sampling with unet_small and recorded noise: chain/x[0] is the start, then t = steps-1 .. 0. */
record ChainChecks(UNet net, VectorFile io, Report report) {
    private static final Schedule SCHEDULE = ScheduleConfig.reference().schedule();

    void run() {
        HostTensor x = io.get("chain/x", 5);
        HostTensor z = io.get("chain/z", 5);
        long[] shape = x.shape();
        int steps = Math.toIntExact(shape[0]) - 1;
        long[] needed = shape.clone();
        needed[0] = steps;
        if (!Arrays.equals(needed, z.shape()) || steps < 1 || steps > SCHEDULE.timesteps()) {
            throw new VectorException("chain/z is " + VectorFile.shape(z.shape()) + " and chain/x "
                    + VectorFile.shape(shape) + "; needed is one x more than z");
        }
        float[] chain = new float[Math.toIntExact(x.count())];
        int size = chain.length / (steps + 1);
        System.arraycopy(x.toFloats(), 0, chain, 0, size);
        for (int j = 0; j < steps; j++) {
            int t = steps - 1 - j;
            float[] noise = Arrays.copyOfRange(z.toFloats(), t * size, (t + 1) * size);
            float[] from = Arrays.copyOfRange(chain, j * size, (j + 1) * size);
            long[] image = Arrays.copyOfRange(shape, 1, shape.length);
            System.arraycopy(
                    step(t, HostTensor.f32(image, from), HostTensor.f32(image, noise)), 0, chain, (j + 1) * size, size);
        }
        new Expected(io, SmallUNetSuite.LABEL, report)
                .compare("chain/x", shape, Difference.widen(chain), Tolerance.SMALL_CHAIN);
    }

    private float[] step(int t, HostTensor from, HostTensor noise) {
        GivenNoise step = new GivenNoise(Steps.ddpm(SCHEDULE, t, Clip.NONE));
        try (Scope scope = Scope.on(net.parameters().backend())) {
            Tensor x = FileLayout.IMAGE.tensor(scope, from);
            int[] ts = new int[Math.toIntExact(x.shape().dim(0))];
            Arrays.fill(ts, t);
            Tensor eps = net.forward(x, Batch.times(scope, ts));
            return FileLayout.IMAGE.toFile(step.add(step.mean(x, eps), FileLayout.IMAGE.tensor(scope, noise)));
        }
    }
}
