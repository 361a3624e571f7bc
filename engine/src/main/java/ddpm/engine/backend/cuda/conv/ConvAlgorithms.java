package ddpm.engine.backend.cuda.conv;

import ddpm.engine.backend.ConvOps.ConvSpec;
import ddpm.engine.backend.Precision;
import ddpm.engine.backend.cuda.conv.ConvAlgorithm.Offer;
import ddpm.engine.backend.cuda.memory.CudaMemory;
import ddpm.engine.backend.cuda.memory.Scratch;
import ddpm.engine.backend.cuda.nvidia.CudaHandles;
import ddpm.engine.backend.cuda.nvidia.CudnnStatus;
import ddpm.engine.backend.cuda.nvidia.Gemm;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import jcuda.Pointer;

/**
 * Chooses how to compute each pass of each convolution: the fastest of cuDNN's algorithms that gives the same bits every time
 * in the precision asked for, and our own way ({@link UnfoldedPlan}) where there is none. The first time it is searched for by
 * running all of them; the file remembers it, by GPU, cuDNN's version, precision and geometry.
 *
 * <p>An offer of cuDNN is no promise: for floats its lists hold algorithms that exist on tensor cores only, which the query of
 * the workspace or only the run refuses in {@code FMA}. So an algorithm counts once it has run with the math type that is
 * asked for.
 */
public final class ConvAlgorithms {
    /** Workspace that an algorithm may have: larger ones are hardly faster, and the pool keeps what it once had. */
    private static final long MOST_WORKSPACE_BYTES = 512L << 20;

    /** For the candidates of a search where the heuristics do not say what they need. */
    private static final long SEARCH_BYTES = 64L << 20;

    private final CudaHandles handles;
    private final CudaMemory memory;
    private final UnfoldKernels unfold;
    private final Precision precision;
    private final AlgorithmFile file;
    private final Consumer<String> say;
    private int searches;
    private int refusal;
    private boolean said;

    /** @param say takes the line about the first convolution that cuDNN has no algorithm for */
    public ConvAlgorithms(
            CudaHandles handles,
            CudaMemory memory,
            UnfoldKernels unfold,
            Precision precision,
            AlgorithmFile file,
            Consumer<String> say) {
        this.handles = handles;
        this.memory = memory;
        this.unfold = unfold;
        this.precision = precision;
        this.file = file;
        this.say = say;
    }

    /**
     * The way to compute a pass, ready to run.
     *
     * @param tensors of the operands asked for, with the pass's input; the pass's result is overwritten
     */
    ConvPlan plan(ConvPass pass, ConvSpec g, Function<ConvOperands, ConvTensors> tensors) {
        String key = key(pass, g);
        ConvAlgorithm known = file.get(key).orElse(null);
        Optional<CudnnPlan> plan = known == null ? Optional.empty() : remembered(pass, g, known, tensors);
        if (plan.isEmpty()) {
            plan = search(pass, g, tensors).map(found -> agreed(key, known, found, pass, g, tensors));
        }
        return plan.isPresent() ? plan.get() : unfolded(pass, g);
    }

    /** By which the file knows a search. */
    String key(ConvPass pass, ConvSpec g) {
        String text = handles.device().name() + "|cuDNN " + CudaHandles.cudnnVersion() + "|" + precision + "|" + pass
                + "|" + g;
        return text.replaceAll("\\s", " ");
    }

    /** Empty where this cuDNN cannot do it after all: then the file lies. */
    private Optional<CudnnPlan> remembered(
            ConvPass pass, ConvSpec g, ConvAlgorithm a, Function<ConvOperands, ConvTensors> tensors) {
        if (!List.of(ConvOperands.of(precision)).contains(a.operands())
                || !a.operands().allows(a.mathType())) {
            return Optional.empty();
        }
        ConvDescriptors d = new ConvDescriptors(g, a.operands());
        Optional<CudnnPlan> plan = ready(pass, d, a, tensors.apply(a.operands()), Long.MAX_VALUE);
        if (plan.isEmpty()) {
            d.close();
        }
        return plan;
    }

    /** The plan that counts: another process may have been faster, and ours must then be the same. */
    private CudnnPlan agreed(
            String key,
            ConvAlgorithm stale,
            CudnnPlan found,
            ConvPass pass,
            ConvSpec g,
            Function<ConvOperands, ConvTensors> tensors) {
        ConvAlgorithm counts = file.put(key, stale, found.algorithm());
        if (counts.equals(found.algorithm())) {
            return found;
        }
        Optional<CudnnPlan> theirs = remembered(pass, g, counts, tensors);
        if (theirs.isEmpty()) {
            file.put(key, counts, found.algorithm());
            return found;
        }
        found.close();
        return theirs.get();
    }

    /** Said once: a profile and {@link CudaConv#inUse} tell of each. */
    private ConvPlan unfolded(ConvPass pass, ConvSpec g) {
        ConvOperands[] operands = ConvOperands.of(precision);
        if (!said) {
            said = true;
            say.accept("cuda: cuDNN " + CudaHandles.cudnnVersion() + " has no deterministic algorithm for " + pass
                    + " of " + g + " in " + precision + " on "
                    + handles.device().name()
                    + (refusal == 0 ? "" : " (the last that it offered: " + CudnnStatus.reason(refusal) + ")")
                    + "; it is computed by unfolding and a matrix product, which may be slower, and so is whatever else"
                    + " it has none for");
        }
        ConvAlgorithm ours = ConvAlgorithm.unfolded(operands[operands.length - 1]);
        return new UnfoldedPlan(pass, g, ours, unfold, new Gemm(handles), memory, UnfoldedPlan.MOST_BYTES);
    }

    private Optional<CudnnPlan> search(ConvPass pass, ConvSpec g, Function<ConvOperands, ConvTensors> tensors) {
        handles.device().requireNotRecording("the search of an algorithm for the convolution " + g);
        searches++;
        refusal = 0;
        for (ConvOperands operands : ConvOperands.of(precision)) {
            ConvDescriptors d = new ConvDescriptors(g, operands);
            Optional<CudnnPlan> plan = first(pass, d, operands, tensors.apply(operands));
            if (plan.isPresent()) {
                return plan;
            }
            d.close();
        }
        return Optional.empty();
    }

    /** The first that is ready and leaves most of the memory to tensors; where there is none, that leaves half of it. */
    private Optional<CudnnPlan> first(ConvPass pass, ConvDescriptors d, ConvOperands operands, ConvTensors t) {
        long half = memory.availableBytes() / 2;
        long affordable = Math.min(MOST_WORKSPACE_BYTES, half / 2);
        Set<ConvAlgorithm> offered = offered(pass, d, operands, t, affordable, half);
        for (long most : new long[] {affordable, half}) {
            for (ConvAlgorithm a : offered) {
                Optional<CudnnPlan> plan = ready(pass, d, a, t, most);
                if (plan.isPresent()) {
                    return plan;
                }
            }
        }
        return Optional.empty();
    }

    /** What to try, in this order: measured with the math type that is asked for, measured with another, guessed. */
    private Set<ConvAlgorithm> offered(
            ConvPass pass, ConvDescriptors d, ConvOperands operands, ConvTensors t, long affordable, long most) {
        List<Offer> guesses = pass.heuristics(handles.cudnn(), d);
        List<Offer> measured = new ArrayList<>(measured(pass, d, t, guesses, affordable));
        measured.sort(Comparator.<Offer, Boolean>comparing(o -> !operands.allows(o.mathType()))
                .thenComparing(Offer::milliseconds));
        Set<ConvAlgorithm> all = new LinkedHashSet<>();
        Stream.concat(measured.stream(), guesses.stream())
                .filter(o -> o.usable(most))
                .map(o -> new ConvAlgorithm(
                        operands, o.number(), operands.allows(o.mathType()) ? o.mathType() : operands.mathType()))
                .forEach(all::add);
        return all;
    }

    private List<Offer> measured(ConvPass pass, ConvDescriptors d, ConvTensors t, List<Offer> guesses, long most) {
        long bytes = guesses.stream()
                .filter(o -> o.runs(most))
                .mapToLong(Offer::workspaceBytes)
                .max()
                .orElse(Math.min(SEARCH_BYTES, most));
        try (Scratch scratch = new Scratch(memory)) {
            Pointer room = bytes == 0 ? null : scratch.allocate(bytes).pointer();
            return pass.search(handles.cudnn(), d, t, room, bytes);
        }
    }

    /**
     * The algorithm on these descriptors, after one run, which overwrites the pass's result; empty where cuDNN refuses it or
     * it needs more workspace. While a graph is recorded a run would become part of it: then the query must do.
     */
    private Optional<CudnnPlan> ready(ConvPass pass, ConvDescriptors d, ConvAlgorithm a, ConvTensors t, long most) {
        d.mathType(a.mathType());
        long[] bytes = {0};
        int status = pass.workspaceBytes(handles.cudnn(), d, a.number(), bytes);
        if (status == CudnnStatus.SUCCESS && bytes[0] <= most) {
            CudnnPlan plan = new CudnnPlan(handles, memory, pass, a, d, bytes[0]);
            status = handles.device().recording() ? CudnnStatus.SUCCESS : plan.queue(t);
            if (status == CudnnStatus.SUCCESS) {
                return Optional.of(plan);
            }
            if (!CudnnStatus.isRefusal(status)) {
                CudnnStatus.check(status, () -> "trying " + pass + " by algorithm " + a);
            }
        } else if (!CudnnStatus.isRefusal(status) && !CudnnStatus.isBadArgument(status)) { // of a number unknown to it
            CudnnStatus.check(status, () -> "the workspace of " + pass + " by algorithm " + a);
        }
        refusal = status == CudnnStatus.SUCCESS ? refusal : status;
        return Optional.empty();
    }

    /** Number of searches so far: for tests and reports. */
    int searches() {
        return searches;
    }
}
