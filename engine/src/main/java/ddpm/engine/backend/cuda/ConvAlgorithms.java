package ddpm.engine.backend.cuda;

import ddpm.engine.backend.BackendException;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cuda.ConvAlgorithm.Offer;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import jcuda.Pointer;

/**
 * Chooses cuDNN's algorithm for each pass of each convolution: the fastest that gives the same bits every time. The first
 * time it is searched for by running all of them; the file remembers it, by GPU, cuDNN's version, precision and geometry.
 */
final class ConvAlgorithms {
    /** Workspace for the candidates of a search: larger ones are hardly faster, and the pool keeps what it once had. */
    private static final long MOST_WORKSPACE_BYTES = 512L << 20;

    private final CudaHandles handles;
    private final CudaMemory memory;
    private final Precision precision;
    private final AlgorithmFile file;
    private int searches;

    ConvAlgorithms(CudaHandles handles, CudaMemory memory, Precision precision, AlgorithmFile file) {
        this.handles = handles;
        this.memory = memory;
        this.precision = precision;
        this.file = file;
    }

    /**
     * The algorithm for a pass, ready to run.
     *
     * @param tensors of the operands asked for, with the pass's input; a search overwrites the pass's result
     */
    ConvPlan plan(ConvPass pass, ConvGeometry g, Function<ConvOperands, ConvTensors> tensors) {
        String key = key(pass, g);
        ConvAlgorithm known = file.get(key).orElse(null);
        Optional<ConvPlan> plan = known == null ? Optional.empty() : ready(pass, g, known);
        return plan.orElseGet(() -> {
            ConvAlgorithm found = file.put(key, known, search(pass, g, tensors));
            return ready(pass, g, found)
                    .orElseThrow(() -> new BackendException("cuda: cuDNN offers algorithm " + found.number() + " for "
                            + pass + " of " + g + " and then does not support it; please report"));
        });
    }

    /** By which the file knows a search. */
    String key(ConvPass pass, ConvGeometry g) {
        String text = handles.device().name() + "|cuDNN " + CudaHandles.cudnnVersion() + "|" + precision + "|" + pass
                + "|" + g;
        return text.replaceAll("\\s", " ");
    }

    /** Empty where this cuDNN cannot do it after all: then the file lies. */
    private Optional<ConvPlan> ready(ConvPass pass, ConvGeometry g, ConvAlgorithm a) {
        ConvDescriptors d = new ConvDescriptors(g, a.operands());
        if (a.operands() != ConvOperands.FP32) { // whatever is said there, fp32 is not rounded
            d.mathType(a.mathType());
        }
        long[] bytes = {0};
        int status = pass.workspaceBytes(handles.cudnn(), d, a.number(), bytes);
        if (status == CudnnStatus.SUCCESS) {
            return Optional.of(new ConvPlan(pass, a, d, bytes[0]));
        }
        d.close();
        return Optional.empty();
    }

    private ConvAlgorithm search(ConvPass pass, ConvGeometry g, Function<ConvOperands, ConvTensors> tensors) {
        handles.device().requireNotRecording("the search of an algorithm for the convolution " + g);
        searches++;
        for (ConvOperands operands : ConvOperands.of(precision)) {
            try (ConvDescriptors d = new ConvDescriptors(g, operands)) {
                Optional<Offer> best = best(pass, d, tensors, operands);
                if (best.isPresent()) {
                    return new ConvAlgorithm(
                            operands, best.get().number(), best.get().mathType());
                }
            }
        }
        throw new BackendException("cuda: cuDNN " + CudaHandles.cudnnVersion() + " has no deterministic algorithm for "
                + pass + " of " + g + " in " + precision + " on "
                + handles.device().name()
                + "; use another size, or run with --device cpu");
    }

    private Optional<Offer> best(
            ConvPass pass, ConvDescriptors d, Function<ConvOperands, ConvTensors> tensors, ConvOperands operands) {
        List<Offer> guesses = affordable(pass.heuristics(handles.cudnn(), d));
        if (guesses.isEmpty()) {
            return Optional.empty();
        }
        long bytes = guesses.stream().mapToLong(Offer::workspaceBytes).max().getAsLong();
        try (Scratch scratch = new Scratch(memory)) {
            Pointer room = bytes == 0 ? null : scratch.allocate(bytes).pointer();
            return pass.search(handles.cudnn(), d, tensors.apply(operands), room, bytes).stream()
                    .filter(o -> o.usable(bytes))
                    .findFirst()
                    .or(() -> Optional.of(guesses.get(0)));
        }
    }

    /** Those that leave most of the memory to tensors; where there are none, the smallest, which may then not fit. */
    private List<Offer> affordable(List<Offer> offers) {
        long limit = Math.min(MOST_WORKSPACE_BYTES, memory.availableBytes() / 4);
        List<Offer> some = offers.stream().filter(o -> o.usable(limit)).toList();
        if (!some.isEmpty()) {
            return some;
        }
        return offers.stream()
                .filter(o -> o.usable(Long.MAX_VALUE))
                .min(Comparator.comparingLong(Offer::workspaceBytes))
                .stream()
                .toList();
    }

    /** Number of searches so far: for tests and reports. */
    int searches() {
        return searches;
    }
}
