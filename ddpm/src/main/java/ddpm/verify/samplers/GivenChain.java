package ddpm.verify.samplers;

import com.fasterxml.jackson.databind.JsonNode;
import ddpm.diffusion.solver.Plan;
import ddpm.diffusion.solver.Stage;
import ddpm.engine.backend.Backend;
import ddpm.engine.backend.ReverseStep;
import ddpm.engine.backend.ReverseStep.Clipping;
import ddpm.engine.ops.Reverse;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.verify.given.FormulaNetwork;
import ddpm.verify.given.GivenNoise;
import ddpm.verify.report.Check;
import ddpm.verify.report.Difference;
import ddpm.verify.report.Report;
import ddpm.verify.report.VectorException;
import ddpm.verify.vectors.Expected;
import ddpm.verify.vectors.FileLayout;
import ddpm.verify.vectors.VectorFile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A solver's table on the backend, with the network of the vectors, m(x, t) = x t / (t + 1), and their noise. The kernel draws
 * its own noise, so it computes with sd = 0 and the given one is added.
 */
record GivenChain(SamplerCase c, Plan plan, VectorFile file, Expected expected) {
    void run(Backend backend, Report report) {
        JsonNode facts = c.facts();
        requireCalls(report);
        double[] tolerances = numbers(facts.path("tolerance"));
        int[] after = Arrays.stream(numbers(facts.path("x_after")))
                .mapToInt(d -> (int) d)
                .toArray();
        List<Integer> noiseFor = Arrays.stream(numbers(facts.path("noise_for")))
                .mapToObj(d -> (int) d)
                .toList();
        HostTensor start = file.get(c.id() + "/x_T", 4);
        HostTensor states = file.get(c.id() + "/x", 5);
        float[] noise =
                noiseFor.isEmpty() ? null : file.get(c.id() + "/noise", 5).toFloats();
        boolean everyStage = facts.path("states").asInt() == plan.evaluations();
        try (Scope scope = Scope.on(backend)) {
            Tensor x = FileLayout.IMAGE.tensor(scope, start);
            // the k samplers and those in sigma space are given the start at its scale
            if (facts.path("sampler").asText().equals("EDM Heun")) {
                x = x.scale((float) plan.start());
            }
            int slots = plan.slots();
            Tensor memory = slots == 0 ? null : scope.zeros(slotShape(slots, x));
            List<float[]> reached = new ArrayList<>();
            for (Stage stage : plan.stages()) {
                Tensor next = mean(scope, stage, x, memory, slots);
                boolean state = stage.evaluates() && (everyStage || stage.endsStep());
                int number = reached.size() + 1;
                int given = noiseFor.indexOf(number);
                if (stage.sd() != 0 && given >= 0) {
                    next = next.add(noise(scope, stage, x, noise, given, start));
                }
                x = next;
                if (state) {
                    reached.add(FileLayout.IMAGE.toFile(x));
                }
            }
            compare(reached, after, states, tolerances, report);
        }
    }

    private static Shape slotShape(int slots, Tensor x) {
        long[] shape = x.shape().toArray();
        return Shape.of(slots, shape[0], shape[1], shape[2], shape[3]);
    }

    private void requireCalls(Report report) {
        double[] times = plan.stages().stream()
                .filter(Stage::evaluates)
                .mapToDouble(s -> s.level().time())
                .toArray();
        HostTensor want = file.get(c.id() + "/timesteps", 1);
        double[] wanted = want.dtype().isFloat()
                ? want.toDoubles()
                : Arrays.stream(want.toLongs()).asDoubleStream().toArray();
        String label = expected.label() + c.id() + "/timesteps";
        report.add(
                wanted.length == times.length
                        ? Check.of(label, wanted, times, rms -> 1e-9 * (1 + rms))
                        : Check.failed(
                                label,
                                "the network is asked " + times.length + " times, the reference asks " + wanted.length
                                        + " times"));
        sigmas("sigmas");
        sigmas("model_sigmas");
    }

    /** Sigmas are what the levels are made from: the states tell whether they are right. */
    private void sigmas(String name) {
        if (file.has(c.id() + "/" + name)) {
            file.get(c.id() + "/" + name);
        }
    }

    private Tensor mean(Scope scope, Stage stage, Tensor x, Tensor memory, int slots) {
        Tensor f = stage.evaluates() ? network(scope, stage, x) : x;
        Tensor numbers = scope.tensor(
                Shape.of(ReverseStep.WORDS), stage.numbers(0).noise(0).toWords());
        ReverseStep step = stage.step(x.nhwc("verify"), 0, slots);
        Tensor limit = scope.zeros(Shape.of(step.x().n()));
        if (step.clipping() == Clipping.THRESHOLD) {
            Reverse.threshold(step, numbers, x, f, limit);
        }
        Reverse.Result result = new Reverse.Result(scope.empty(x.shape()), scope.empty(x.shape()));
        Reverse.into(step, numbers, x, f, memory, limit, result);
        return result.next();
    }

    /** m(x, t), and with a learned variance x / (1 + |x|) for it, of the network's own input. */
    private static Tensor network(Scope scope, Stage stage, Tensor x) {
        Tensor input = scope.empty(x.shape());
        Tensor numbers =
                scope.tensor(Shape.of(ReverseStep.WORDS), stage.numbers(0).toWords());
        Reverse.scale(numbers, x, input);
        double t = (float) stage.level().time();
        float[] values = input.toFloats();
        int channels = Math.toIntExact(x.shape().dim(3));
        int outputs = stage.learned() ? 2 * channels : channels;
        float[] f = stage.learned() ? FormulaNetwork.both(values, channels, t) : FormulaNetwork.alone(values, t);
        long[] shape = x.shape().toArray();
        return scope.tensor(Shape.of(shape[0], shape[1], shape[2], outputs), f);
    }

    private Tensor noise(Scope scope, Stage stage, Tensor x, float[] all, int given, HostTensor start) {
        int size = Math.toIntExact(start.count());
        float[] z = Arrays.copyOfRange(all, given * size, (given + 1) * size);
        float[] values = FileLayout.IMAGE.toEngine(HostTensor.f32(start.shape(), z));
        float[] state = x.toFloats();
        for (int i = 0; i < values.length; i++) {
            double input = state[i] * stage.level().input();
            double sd = GivenNoise.sd(stage, input / (1 + Math.abs(input)));
            values[i] = (float) (sd * c.noiseScale() * values[i]);
        }
        return scope.tensor(x.shape(), values);
    }

    private void compare(List<float[]> reached, int[] after, HostTensor states, double[] tolerances, Report report) {
        int size = Math.toIntExact(states.count() / after.length);
        double[] want = states.toDoubles();
        Check worst = null;
        for (int i = 0; i < after.length; i++) {
            if (after[i] > reached.size()) {
                throw new VectorException("state " + after[i] + " is wanted, the chain has " + reached.size());
            }
            double most = tolerances[i];
            Check check = Check.of(
                    expected.label() + c.id() + "/x after " + after[i],
                    Arrays.copyOfRange(want, i * size, (i + 1) * size),
                    Difference.widen(reached.get(after[i] - 1)),
                    rms -> most);
            if (worst == null || !(check.used() <= worst.used())) {
                worst = check;
            }
        }
        report.add(worst.with("the worst of " + after.length + " states"));
    }

    private static double[] numbers(JsonNode list) {
        double[] values = new double[list.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = list.get(i).asDouble();
        }
        return values;
    }
}
