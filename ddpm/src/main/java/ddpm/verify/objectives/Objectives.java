package ddpm.verify.objectives;

import ddpm.diffusion.Variance;
import ddpm.diffusion.schedule.BetaSchedule;
import ddpm.engine.backend.Backend;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Tensor;
import ddpm.verify.given.VectorSchedules;
import ddpm.verify.report.Allowance;
import ddpm.verify.report.Check;
import ddpm.verify.report.Report;
import ddpm.verify.report.VectorException;
import ddpm.verify.vectors.Expected;
import ddpm.verify.vectors.Facts;
import ddpm.verify.vectors.FileLayout;
import ddpm.verify.vectors.VectorFile;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What the groups of objectives.* read and where they report.
 *
 * @param facts objectives.json
 * @param file objectives.safetensors
 */
record Objectives(Facts facts, VectorFile file, Expected expected, Backend backend, Report report) {
    /** One kind of group, such as all {@code targets/<schedule>/}. */
    @FunctionalInterface
    interface Group {
        /** @param at prefix of the group's tensors, with the last slash */
        void check(Objectives o, String at);
    }

    /** The schedule whose name is the second part of a prefix. */
    BetaSchedule schedule(String at) {
        return VectorSchedules.of(facts.in("schedules").get(at.split("/")[1]));
    }

    /** The names of a group's tensors, after its prefix. */
    List<String> names(String at) {
        return file.names().stream()
                .filter(n -> n.startsWith(at))
                .map(n -> n.substring(at.length()))
                .toList();
    }

    HostTensor host(String tensor) {
        return file.get(tensor);
    }

    /** Images [N,C,H,W] of the file on the backend. */
    Tensor images(Scope scope, String tensor) {
        return FileLayout.IMAGE.tensor(scope, file.get(tensor, 4));
    }

    /** Numbers of the JSON file. */
    void numbers(String name, double[] want, double[] got, Allowance allowance) {
        if (want.length != got.length) {
            report.add(Check.failed(
                    expected.label() + name,
                    "there are " + want.length + " in " + facts.file() + " and " + got.length + " to compare with"));
            return;
        }
        report.add(Check.each(expected.label() + name, want, got, new long[] {want.length}, allowance));
    }

    /** A table or list of the file. */
    void list(String tensor, double[] got, Allowance allowance) {
        expected.compare(tensor, new long[] {got.length}, got, allowance);
    }

    static Variance variance(String name) {
        return Arrays.stream(Variance.values())
                .filter(v -> v.name().equals(name.toUpperCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new VectorException("variance \"" + name + "\" is not known here"));
    }
}
