package ddpm.verify.objectives;

import ddpm.engine.backend.OptimizerOps.UpdateNumbers;
import ddpm.engine.optim.Ema;
import ddpm.engine.optim.StepMemory;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.verify.report.Allowance;
import ddpm.verify.report.Difference;
import ddpm.verify.report.VectorException;
import ddpm.verify.vectors.Facts;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** ema: decays of averages by the step, and {@code ema_run/}: an average by the backend's updates. */
final class DecayGroup implements Objectives.Group {
    /** Such as no_warmup, or warmup_update_after_100_min_decay_half. */
    private static final Pattern NAME =
            Pattern.compile("(no_)?warmup(?:_update_after_(?:step_)?(\\d+))?(?:_min_decay_([a-z0-9.]+))?");

    private static final Map<String, Double> SHARES =
            Map.of("zero", 0.0, "tenth", 0.1, "fifth", 0.2, "quarter", 0.25, "third", 1.0 / 3, "half", 0.5);

    @Override
    public void check(Objectives o, String at) {
        Facts ema = o.facts().in("ema");
        Facts parameters = ema.in("parameters").only("power", "inv_gamma", "decay", "min_decay", "update_after_step");
        double[] steps = ema.numbers("steps");
        for (String name : ema.keys()) {
            if (!name.equals("parameters") && !name.equals("steps")) {
                Ema.Decay decay = decay(parameters, name);
                double[] got =
                        Arrays.stream(steps).map(s -> decay.at((long) s - 1)).toArray();
                o.numbers("ema " + name, ema.numbers(name), got, Allowance.AVERAGE);
            }
        }
        run(o, at, decay(parameters, "warmup"));
    }

    private static Ema.Decay decay(Facts f, String name) {
        Matcher m = NAME.matcher(name);
        if (!m.matches()) {
            throw new VectorException("a list of decays called \"" + name + "\" is not known here");
        }
        double least = f.keys().contains("min_decay") ? f.number("min_decay") : 0;
        long after = f.keys().contains("update_after_step") ? f.integer("update_after_step") : 0;
        double most = f.number("decay");
        Ema.Decay rise = m.group(1) == null
                ? RisingDecay.power(most, f.number("inv_gamma"), f.number("power"))
                : Ema.Decay.warmedUp(most);
        return new RisingDecay(
                m.group(3) == null ? least : share(m.group(3)),
                m.group(2) == null ? after : Long.parseLong(m.group(2)),
                rise);
    }

    private static double share(String word) {
        if (word.matches("[0-9]*\\.?[0-9]+")) {
            return Double.parseDouble(word);
        }
        if (!SHARES.containsKey(word)) {
            throw new VectorException("a least decay of \"" + word + "\" is not known here");
        }
        return SHARES.get(word);
    }

    private static void run(Objectives o, String at, Ema.Decay decay) {
        HostTensor parameters = o.file().get(at + "parameters", 2);
        int updates = Math.toIntExact(parameters.shape()[0]) - 1;
        int width = Math.toIntExact(parameters.shape()[1]);
        float[] all = parameters.toFloats();
        double[] got = new double[updates * width];
        try (Scope scope = Scope.on(o.backend());
                StepMemory memory = new StepMemory(o.backend(), 1)) {
            Tensor average = scope.tensor(Shape.of(width), Arrays.copyOf(all, width));
            for (int step = 1; step <= updates; step++) {
                float[] row = Arrays.copyOfRange(all, step * width, (step + 1) * width);
                memory.write(new UpdateNumbers(0, 1, 0, 1, (float) (1 - decay.at(step - 1))));
                update(memory, scope.tensor(Shape.of(width), row), average);
                double[] now = Difference.widen(average.toFloats());
                System.arraycopy(now, 0, got, (step - 1) * width, width);
            }
        }
        o.expected().compare(at + "average", new long[] {updates, width}, got, Allowance.AVERAGED);
    }

    private static void update(StepMemory memory, Tensor parameters, Tensor average) {
        average.backend()
                .optimizer()
                .ema(
                        0,
                        memory.update().buffer(),
                        memory.state().buffer(),
                        List.of(average.count()),
                        List.of(parameters.buffer()),
                        List.of(average.buffer()));
    }
}
