package ddpm.verify.network;

import com.fasterxml.jackson.databind.JsonNode;
import ddpm.engine.backend.Backend;
import ddpm.engine.nn.Parameter;
import ddpm.engine.nn.Parameters;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Tensor;
import ddpm.model.unet.UNet;
import ddpm.model.unet.UNetConfig;
import ddpm.verify.report.Check;
import ddpm.verify.report.Difference;
import ddpm.verify.report.Report;
import ddpm.verify.report.Tolerance;
import ddpm.verify.report.VectorException;
import ddpm.verify.vectors.Expected;
import ddpm.verify.vectors.Facts;
import ddpm.verify.vectors.FileLayout;
import ddpm.verify.vectors.VectorFile;
import ddpm.verify.vectors.VectorFolder;
import java.util.Arrays;
import java.util.List;

/** unet_full_*: a network whose weights come from a formula, of any configuration and seed. */
public final class FullUNetSuite {
    private static final String LABEL = "unet_full/";
    private static final String FILE = "unet_full_";

    private final VectorFolder folder;
    private final Backend backend;
    private final Report report;

    public FullUNetSuite(VectorFolder folder, Backend backend, Report report) {
        this.folder = folder;
        this.backend = backend;
        this.report = report;
    }

    public void run() {
        var names = folder.json(FILE + "params.json");
        var formula = folder.json(FILE + "formula.json");
        var io = folder.file(FILE + "output" + VectorFolder.SUFFIX);
        names.ifPresent(
                json -> report.attempt(LABEL + "params", () -> parameters(new Facts(FILE + "params.json", json))));
        boolean done = formula.isPresent()
                && io.isPresent()
                && report.attempt(LABEL, () -> network(new Facts(FILE + "formula.json", formula.get()), io.get()));
        if (!done) {
            io.ifPresent(f -> f.coverAll("")); // a failure above speaks for it
        }
    }

    /** Names, order and shapes of the parameters. */
    private void parameters(Facts facts) {
        JsonNode wanted = facts.get("parameters");
        try (UNet net = UNetConfig.of(facts.get("config")).create(Parameters.toLoad(backend))) {
            List<Parameter> ours = net.parameters().list();
            String difference = ours.size() == wanted.size()
                    ? ""
                    : "the file has " + wanted.size() + " parameters, the network " + ours.size();
            for (int i = 0; i < Math.min(ours.size(), wanted.size()) && difference.isEmpty(); i++) {
                String want = wanted.get(i).path("name").asText() + " "
                        + wanted.get(i).path("shape");
                String got = ours.get(i).name() + " "
                        + VectorFile.shape(ours.get(i).fileShape().toArray());
                difference = want.equals(got) ? "" : "number " + i + " is " + got + ", the reference has " + want;
            }
            report.add(Check.same(LABEL + "params, names and shapes", difference));
            exact(
                    "params, elements",
                    facts.numbers("num_parameters"),
                    net.parameters().count());
        }
    }

    private void network(Facts facts, VectorFile io) {
        long seed = facts.integer("seed");
        try (UNet net = UNetConfig.of(facts.get("config")).create(Parameters.toLoad(backend));
                Scope scope = Scope.recording(backend)) {
            weights(facts, net, seed);
            Batch batch = new Batch(io);
            images(facts, io, seed);
            Tensor x = batch.x(scope);
            Tensor y = net.forward(x, batch.t(scope));
            new Expected(io, LABEL, report).compare("output", FileLayout.IMAGE, y, Tolerance.FULL_OUTPUT);
            output(facts, y);
            Tensor loss = y.mse(batch.target(scope));
            near("loss", facts.numbers("mse_loss_against_target"), Tolerance.FULL_LOSS, loss.item());
            new GradientNorms(net.parameters(), report)
                    .compare(
                            LABEL + "grad_l2", facts.in("grad_l2"), scope.tape().backward(loss));
        }
    }

    /** Generates the weights into the network and compares the values that the file shows. */
    private void weights(Facts facts, UNet net, long seed) {
        exact("elements", facts.numbers("num_parameters"), net.parameters().count());
        var values = FormulaWeights.of(net.parameters().list(), seed);
        Facts spots = facts.in("spot_values");
        for (String name : spots.keys()) {
            if (!values.containsKey(name)) {
                throw new VectorException("spot_values names '" + name + "', the network has no such parameter");
            }
            double[] want = Difference.rounded(spots.numbers(name));
            exact("weights " + name, want, first(values.get(name).toDoubles(), want.length));
        }
        net.parameters().load(values);
    }

    /** The images are in the file as well as in the formula. */
    private void images(Facts facts, VectorFile io, long seed) {
        exact("x_shape", facts.numbers("x_shape"), asDoubles(io.get("x").shape()));
        exact("t", facts.numbers("t"), asDoubles(io.get("t").toLongs()));
        image(facts, io, "x", FormulaWeights.X, seed);
        image(facts, io, "target", FormulaWeights.TARGET, seed);
    }

    private void image(Facts facts, VectorFile io, String name, long k, long seed) {
        double[] stored = io.get(name).toDoubles();
        exact(name, stored, Difference.widen(FormulaWeights.image(seed, k, stored.length)));
        double[] shown = facts.numbers(name + "_first8");
        exact(name + "_first8", shown, first(stored, shown.length));
    }

    private void output(Facts facts, Tensor y) {
        Facts wanted = facts.in("output");
        double[] output = Difference.widen(FileLayout.IMAGE.toFile(y));
        int images = Math.toIntExact(y.shape().dim(0));
        double sum = Arrays.stream(output).sum();
        double mean = sum / output.length;
        double var = Arrays.stream(output).map(v -> (v - mean) * (v - mean)).sum() / output.length;
        double[] first = wanted.numbers("first32");
        near("output sum", wanted.numbers("sum"), Tolerance.FULL_SUM, sum);
        near("output sum_per_image", wanted.numbers("sum_per_image"), Tolerance.FULL_SUM, sums(output, images));
        near("output mean", wanted.numbers("mean"), Tolerance.FULL_OUTPUT, mean);
        near(
                "output mean_abs",
                wanted.numbers("mean_abs"),
                Tolerance.FULL_OUTPUT,
                Arrays.stream(output).map(Math::abs).sum() / output.length);
        near("output std", wanted.numbers("std"), Tolerance.FULL_OUTPUT, Math.sqrt(var));
        near(
                "output min",
                wanted.numbers("min"),
                Tolerance.FULL_OUTPUT,
                Arrays.stream(output).min().orElse(Double.NaN));
        near(
                "output max",
                wanted.numbers("max"),
                Tolerance.FULL_OUTPUT,
                Arrays.stream(output).max().orElse(Double.NaN));
        near("output first32", first, Tolerance.FULL_OUTPUT, first(output, first.length));
    }

    private static double[] sums(double[] values, int parts) {
        double[] sums = new double[parts];
        for (int i = 0; i < values.length; i++) {
            sums[i / (values.length / parts)] += values[i];
        }
        return sums;
    }

    private void near(String what, double[] want, Tolerance tolerance, double... got) {
        report.add(Check.of(LABEL + what, want, got, tolerance));
    }

    private void exact(String what, double[] want, double... got) {
        report.add(Check.exact(LABEL + what, want, got));
    }

    private static double[] first(double[] values, int count) {
        return Arrays.copyOf(values, Math.min(count, values.length));
    }

    private static double[] asDoubles(long[] values) {
        return Arrays.stream(values).asDoubleStream().toArray();
    }
}
