package ddpm.verify.evaluation;

import com.fasterxml.jackson.databind.JsonNode;
import ddpm.engine.backend.Backend;
import ddpm.engine.tensor.HostTensor;
import ddpm.evaluate.measure.Gaussian;
import ddpm.evaluate.measure.KernelDistance;
import ddpm.evaluate.measure.Manifolds;
import ddpm.evaluate.measure.Nearest;
import ddpm.evaluate.measure.Products;
import ddpm.evaluate.measure.Rows;
import ddpm.verify.report.Allowance;
import ddpm.verify.report.Check;
import ddpm.verify.report.Report;
import ddpm.verify.report.VectorException;
import ddpm.verify.vectors.Expected;
import ddpm.verify.vectors.Facts;
import ddpm.verify.vectors.VectorFile;
import ddpm.verify.vectors.VectorFolder;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** evaluation.json and evaluation.safetensors: measures of two sets of features. An entry of another kind fails. */
public final class EvaluationSuite {
    private static final String FACTS = "evaluation.json";
    private static final String FILE = "evaluation" + VectorFolder.SUFFIX;
    private static final String LABEL = "evaluation/";
    private static final String REFERENCE = "reference";
    private static final String GENERATED = "generated";
    private static final String FIRST_HALF = "reference_against_its_first_half";

    private static final Pattern RADIUS = Pattern.compile("(reference|generated)_radius_k([0-9]{1,4})");
    private static final Pattern INSIDE =
            Pattern.compile("(?:generated_in_reference|reference_in_generated)_k([0-9]{1,4})");

    /** Entries that are for the reader; the shapes are those of the tensors. */
    private static final Set<String> FOR_THE_READER =
            Set.of("reference_shape", "generated_shape", "smallest_relative_gap_to_a_tie");

    private final VectorFolder folder;
    private final Products products;
    private final Report report;

    public EvaluationSuite(VectorFolder folder, Backend backend, Report report) {
        this.folder = folder;
        this.products = new Products(backend);
        this.report = report;
    }

    /** The two sets, and where the expected values are. */
    private record Sets(Facts facts, VectorFile file, Expected expected, Rows reference, Rows generated) {
        Rows of(String name) {
            return name.equals(REFERENCE) ? reference : generated;
        }

        Rows other(String name) {
            return name.equals(REFERENCE) ? generated : reference;
        }
    }

    public void run() {
        Optional<JsonNode> json = folder.json(FACTS);
        Optional<VectorFile> file = folder.file(FILE);
        if (json.isEmpty() || file.isEmpty()) {
            return;
        }
        report.note("measures of samples; counts and indices have to be equal:");
        boolean read = report.attempt(FILE, () -> {
            Facts facts = new Facts(FACTS, json.get());
            Expected expected = new Expected(file.get(), LABEL, report);
            compare(new Sets(facts, file.get(), expected, rows(file.get(), REFERENCE), rows(file.get(), GENERATED)));
        });
        if (!read) {
            file.get().coverAll("");
        }
    }

    private static Rows rows(VectorFile file, String name) {
        HostTensor t = file.get(name, 2);
        return Rows.of(Math.toIntExact(t.shape()[1]), t.toFloats());
    }

    private void compare(Sets sets) {
        for (String key : sets.facts.keys()) {
            report.attempt(LABEL + key, () -> entry(sets, key));
        }
        report.attempt(LABEL + "mean", () -> gaussians(sets));
        report.attempt(LABEL + "nearest", () -> nearest(sets));
        for (String name : sets.file.names()) {
            Matcher radius = RADIUS.matcher(name);
            if (radius.matches()) {
                int k = Integer.parseInt(radius.group(2));
                report.attempt(LABEL + name, () -> {
                    double[] got =
                            Nearest.among(products, sets.of(radius.group(1)), k).distances(k);
                    sets.expected.compare(name, new long[] {got.length}, got, Allowance.DISTANCE);
                });
            }
        }
        Set<Integer> insides = new TreeSet<>();
        for (String name : sets.file.names()) {
            Matcher inside = INSIDE.matcher(name);
            if (inside.matches()) {
                insides.add(Integer.valueOf(inside.group(1)));
            }
        }
        insides.forEach(k -> report.attempt(LABEL + "in region, k=" + k, () -> inside(sets, k)));
    }

    private void entry(Sets sets, String key) {
        if (FOR_THE_READER.contains(key)) {
            return;
        }
        Facts facts = key.equals("means") || sets.facts.get(key).isObject() ? sets.facts.in(key) : null;
        if (facts != null && key.equals("frechet")) {
            frechet(sets, facts);
        } else if (facts != null && key.equals("kid")) {
            kernel(sets, facts);
        } else if (facts != null && key.startsWith("precision_recall")) {
            facts.only("k", "precision", "recall");
            Manifolds m = Manifolds.of(products, sets.reference, sets.generated, k(facts));
            exact(key + " precision", facts.number("precision"), m.precision());
            exact(key + " recall", facts.number("recall"), m.recall());
        } else if (facts != null && key.startsWith("density_coverage")) {
            facts.only("k", "density", "coverage");
            Manifolds.Density d = Manifolds.Density.of(products, sets.reference, sets.generated, k(facts));
            exact(key + " density", facts.number("density"), d.density());
            exact(key + " coverage", facts.number("coverage"), d.coverage());
        } else if (key.equals("means")) {
            for (String name :
                    facts.only("generated_nearest", "reference_nearest").keys()) {
                String set = name.substring(0, name.indexOf('_'));
                double[] distances =
                        Nearest.of(products, sets.of(set), sets.other(set), 1).distances(1);
                number(
                        "mean of " + name,
                        facts.number(name),
                        Arrays.stream(distances).average().orElse(Double.NaN));
            }
        } else {
            throw new VectorException("an entry of this kind is not known here");
        }
    }

    private static int k(Facts facts) {
        return Math.toIntExact(facts.integer("k"));
    }

    private void frechet(Sets sets, Facts facts) {
        facts.only("distance", "mean_term", "trace_reference", "trace_generated", FIRST_HALF, "other_implementations");
        Gaussian reference = Gaussian.of(sets.reference);
        Gaussian generated = Gaussian.of(sets.generated);
        number("frechet distance", facts.number("distance"), reference.distance(generated));
        number("frechet mean_term", facts.number("mean_term"), reference.meanTerm(generated));
        number("frechet trace_reference", facts.number("trace_reference"), reference.trace());
        number("frechet trace_generated", facts.number("trace_generated"), generated.trace());
        Gaussian half = Gaussian.of(sets.reference.part(0, sets.reference.count() / 2));
        number("frechet " + FIRST_HALF, facts.number(FIRST_HALF), reference.distance(half));
    }

    private void kernel(Sets sets, Facts facts) {
        facts.only("degree", "gamma", "coef0", "all", "first_n", "first_n_value", "all_in_float32");
        KernelDistance kernel = new KernelDistance(
                Math.toIntExact(facts.integer("degree")), facts.number("gamma"), facts.number("coef0"));
        number("kid all", facts.number("all"), kernel.between(products, sets.reference, sets.generated));
        int n = Math.toIntExact(facts.integer("first_n"));
        double first = kernel.between(products, sets.reference.part(0, n), sets.generated.part(0, n));
        number("kid first_n_value", facts.number("first_n_value"), first);
    }

    private void gaussians(Sets sets) {
        for (String name : List.of(REFERENCE, GENERATED)) {
            Gaussian g = Gaussian.of(sets.of(name));
            long dim = g.mean().length;
            sets.expected.compare("mean_" + name, new long[] {dim}, g.mean(), Allowance.DISTANCE);
            double[] flat = Arrays.stream(g.covariance())
                    .flatMapToDouble(Arrays::stream)
                    .toArray();
            sets.expected.compare("covariance_" + name, new long[] {dim, dim}, flat, Allowance.DISTANCE);
        }
    }

    private void nearest(Sets sets) {
        for (String name : List.of(REFERENCE, GENERATED)) {
            Nearest nearest = Nearest.of(products, sets.of(name), sets.other(name), 1);
            whole(
                    sets,
                    name + "_nearest_index",
                    Arrays.stream(nearest.first()).asDoubleStream().toArray());
            double[] distances = nearest.distances(1);
            sets.expected.compare(
                    name + "_nearest_distance", new long[] {distances.length}, distances, Allowance.DISTANCE);
        }
    }

    private void inside(Sets sets, int k) {
        Manifolds m = Manifolds.of(products, sets.reference, sets.generated, k);
        whole(sets, "generated_in_reference_k" + k, numbers(m.generated()));
        whole(sets, "reference_in_generated_k" + k, numbers(m.reference()));
    }

    private static double[] numbers(boolean[] which) {
        return IntStream.range(0, which.length)
                .mapToDouble(i -> which[i] ? 1 : 0)
                .toArray();
    }

    /** Integers of the file. */
    private void whole(Sets sets, String tensor, double[] got) {
        long[] want = sets.file.get(tensor, 1).toLongs();
        if (want.length != got.length) {
            throw new VectorException("'" + tensor + "' has " + want.length + " values, needed are " + got.length);
        }
        report.add(
                Check.exact(LABEL + tensor, Arrays.stream(want).asDoubleStream().toArray(), got));
    }

    private void number(String name, double want, double got) {
        report.add(
                Check.each(LABEL + name, new double[] {want}, new double[] {got}, new long[] {1}, Allowance.DISTANCE));
    }

    /** A share: both sides divided the same counts. */
    private void exact(String name, double want, double got) {
        report.add(
                Check.each(LABEL + name, new double[] {want}, new double[] {got}, new long[] {1}, Allowance.AVERAGE));
    }
}
