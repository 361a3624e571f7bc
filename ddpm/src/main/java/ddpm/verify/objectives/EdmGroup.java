package ddpm.verify.objectives;

import ddpm.diffusion.Prediction;
import ddpm.diffusion.TrainingTable;
import ddpm.diffusion.TrainingTimes;
import ddpm.diffusion.prediction.EdmPreconditioning;
import ddpm.diffusion.prediction.X0;
import ddpm.diffusion.schedule.Edm;
import ddpm.diffusion.times.LogNormal;
import ddpm.diffusion.weighting.EdmWeighting;
import ddpm.engine.backend.NoiseAdd;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.verify.given.FormulaNetwork;
import ddpm.verify.report.Allowance;
import ddpm.verify.report.Difference;
import ddpm.verify.report.VectorException;
import ddpm.verify.vectors.Facts;
import ddpm.verify.vectors.FileLayout;
import java.util.Arrays;
import java.util.function.ToDoubleFunction;

/**
 * {@code edm/}: noise levels, preconditioning and weight of Karras et al. 2022, table 1, and a whole loss with the network that
 * is a formula. The loss of the vectors is that of the denoised image times its weight; ours is that of F, which is the same
 * number, as F's error is 1 / c_out times as large and its weight c_out^2 times.
 */
final class EdmGroup implements Objectives.Group {
    /** Any will do: t is the place of a sigma among these levels, inside of them or not. */
    private static final Edm SCHEDULE = new Edm(1000, 0.002, 80, 7);

    @Override
    public void check(Objectives o, String at) {
        Facts facts = o.facts().in("edm").only("sigma_data", "P_mean", "P_std");
        double sigmaData = facts.number("sigma_data");
        LogNormal levels = new LogNormal(facts.number("P_mean"), facts.number("P_std"));
        double[] sigma = Arrays.stream(o.host(at + "normals").toDoubles())
                .map(levels::sigma)
                .toArray();
        double[] t = Arrays.stream(sigma).map(SCHEDULE::atSigma).toArray();
        EdmPreconditioning prediction = new EdmPreconditioning(sigmaData);
        o.list(at + "sigma", Arrays.stream(t).map(SCHEDULE::noise).toArray(), Allowance.TABLE);
        o.list(at + "c_skip", numbers(prediction, t, Prediction.Coefficients::a), Allowance.TABLE);
        o.list(at + "c_out", numbers(prediction, t, Prediction.Coefficients::b), Allowance.TABLE);
        o.list(at + "c_in", numbers(prediction, t, Prediction.Coefficients::input), Allowance.TABLE);
        double[] noise =
                Arrays.stream(t).map(x -> SCHEDULE.time(x) / Edm.TIME_SCALE).toArray();
        o.list(at + "c_noise", noise, Allowance.TABLE);
        double[] weight = new TableRows(table(new X0(), sigmaData, t)).column(NoiseAdd.WEIGHT);
        o.list(at + "weight", weight, Allowance.TABLE);
        loss(o, at, prediction, t);
    }

    private static double[] numbers(
            Prediction prediction, double[] t, ToDoubleFunction<Prediction.Coefficients> which) {
        return Arrays.stream(t)
                .map(x -> which.applyAsDouble(prediction.at(SCHEDULE.signal(x), SCHEDULE.noise(x))))
                .toArray();
    }

    /** A row for each of these t. */
    private static TrainingTable table(Prediction prediction, double sigmaData, double[] t) {
        TrainingTimes given = schedule -> t;
        return TrainingTable.of(SCHEDULE, prediction, new EdmWeighting(sigmaData), given);
    }

    private static void loss(Objectives o, String at, EdmPreconditioning prediction, double[] all) {
        HostTensor images = o.file().get(at + "images", 4);
        int[] rows = TableRows.oneEach(images);
        if (rows.length > all.length) {
            throw new VectorException(rows.length + " images, but only " + all.length + " levels of noise");
        }
        double[] t = Arrays.copyOf(all, rows.length);
        TableRows table = new TableRows(table(prediction, prediction.sigmaData(), t));
        TableRows unscaled = new TableRows(table(new X0(), prediction.sigmaData(), t));
        try (Scope scope = Scope.on(o.backend())) {
            Tensor x0 = FileLayout.IMAGE.tensor(scope, images);
            Tensor eps = o.images(scope, at + "noise");
            Tensor f = network(table.noisy(x0, rows, eps), t);
            Tensor denoised = Meant.of(SCHEDULE, prediction, t, unscaled.noisy(x0, rows, eps), f)
                    .x0();
            o.expected().compare(at + "denoised", denoised, Allowance.IMAGES);
            double[] weights = table.column(NoiseAdd.WEIGHT);
            Tensor weight = scope.tensor(Shape.of(t.length), FormulaNetwork.narrow(weights));
            Tensor perImage = scope.empty(Shape.of(t.length));
            Tensor loss = f.mse(table.target(x0, rows, eps), weight, perImage);
            double[] losses = Difference.widen(perImage.toFloats());
            for (int i = 0; i < losses.length; i++) {
                losses[i] *= weights[i];
            }
            o.list(at + "loss_per_image", losses, Allowance.TABLE);
            o.expected().compare(at + "loss", new long[0], new double[] {loss.item()}, Allowance.TABLE);
        }
    }

    /** m(x, t) with t = log(sigma) / 4 + 3 of each image. */
    private static Tensor network(Tensor input, double[] t) {
        float[] values = input.toFloats();
        int size = values.length / t.length;
        for (int i = 0; i < values.length; i++) {
            values[i] = FormulaNetwork.m(values[i], SCHEDULE.time(t[i / size]) / Edm.TIME_SCALE + 3);
        }
        return input.scope().tensor(input.shape(), values);
    }
}
