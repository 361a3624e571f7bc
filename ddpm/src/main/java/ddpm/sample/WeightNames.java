package ddpm.sample;

import ddpm.UserError;
import ddpm.engine.nn.Parameter;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.TensorException;
import ddpm.model.Model;
import ddpm.train.checkpoint.TrainedModel;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The tensors of a model out of a state_dict that was taken from something around the model: {@code module.} of
 * DataParallel, {@code _orig_mod.} of torch.compile, {@code ema_model.} of an average, {@code model.} of a trainer, or
 * several of them.
 *
 * @param tensors under the names of the model's parameters, so far as they are there
 * @param note what was done, for the user; empty where the names were the model's
 */
record WeightNames(Map<String, HostTensor> tensors, String note) {
    /** Wrappers put these around a part of a model too, in the middle of a name. */
    private static final Pattern INNER = Pattern.compile("(?<=\\.|^)(_orig_mod|module)\\.");

    /**
     * Puts the weights of a checkpoint into a model.
     *
     * @param ema which of two copies to take, where a file holds both
     * @return what was done to their names, for the user; empty where nothing was
     * @throws UserError naming the file, where they do not fit the model
     */
    static String load(TrainedModel trained, Model model, boolean ema) {
        List<String> wanted =
                model.parameters().list().stream().map(Parameter::name).toList();
        WeightNames names = of(trained.weights(), wanted, ema);
        try {
            model.parameters().load(names.tensors());
        } catch (TensorException e) {
            throw new UserError(trained.file() + " " + e.getMessage(), e);
        }
        return names.note();
    }

    /**
     * Takes off what all of the model's names begin with.
     *
     * @param found as in the file
     * @param wanted the names of the model's parameters
     * @param ema which of two copies to take, where a file holds both
     * @throws UserError where the file holds several copies, and none or several of them are averages
     */
    static WeightNames of(Map<String, HostTensor> found, Collection<String> wanted, boolean ema) {
        Map<String, Map<String, HostTensor>> copies = new TreeMap<>(); // by what their names begin with
        Set<String> names = Set.copyOf(wanted);
        Set<String> inner = new TreeSet<>();
        found.forEach((name, tensor) -> {
            String plain = plain(name, inner);
            for (int from = 0; from >= 0; from = next(plain, from)) {
                if (names.contains(plain.substring(from))) {
                    copies.computeIfAbsent(plain.substring(0, from), p -> new LinkedHashMap<>())
                            .put(plain.substring(from), tensor);
                }
            }
        });
        int most = copies.values().stream().mapToInt(Map::size).max().orElse(0);
        List<String> best = copies.keySet().stream()
                .filter(prefix -> copies.get(prefix).size() == most)
                .toList();
        if (best.isEmpty() || most * 2 < names.size()) {
            return new WeightNames(found, ""); // of another model: nothing to learn from its names
        }
        String prefix = best.size() == 1 ? best.get(0) : chosen(best, ema);
        if (prefix.isEmpty() && inner.isEmpty()) {
            return new WeightNames(found, "");
        }
        return taken(found, copies.get(prefix), prefix, inner);
    }

    private static WeightNames taken(
            Map<String, HostTensor> found, Map<String, HostTensor> copy, String prefix, Set<String> inner) {
        Set<String> off = new TreeSet<>(inner);
        if (!prefix.isEmpty()) {
            off.add(prefix);
        }
        int others = found.size() - copy.size();
        String note = "took '" + String.join("' and '", off) + "' off the names of the weights"
                + (others == 0 ? "" : String.format(Locale.ROOT, ", left out %,d others", others));
        return new WeightNames(copy, note);
    }

    private static int next(String name, int from) {
        int dot = name.indexOf('.', from);
        return dot < 0 ? -1 : dot + 1;
    }

    private static String plain(String name, Set<String> inner) {
        return INNER.matcher(name).replaceAll(match -> {
            inner.add(match.group());
            return "";
        });
    }

    private static String chosen(List<String> prefixes, boolean ema) {
        List<String> asked = prefixes.stream()
                .filter(p -> p.toLowerCase(Locale.ROOT).contains("ema") == ema)
                .toList();
        if (asked.size() == 1) {
            return asked.get(0);
        }
        throw new UserError("the file holds the model " + prefixes.size() + " times, under '"
                + String.join("', '", prefixes) + "'; save the one that is meant alone");
    }
}
