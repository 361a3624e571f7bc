package ddpm.engine.nn;

import ddpm.engine.backend.Backend;
import ddpm.engine.io.TensorSource;
import ddpm.engine.random.Stream;
import ddpm.engine.tensor.DType;
import ddpm.engine.tensor.HostTensor;
import ddpm.engine.tensor.Scope;
import ddpm.engine.tensor.Shape;
import ddpm.engine.tensor.Tensor;
import ddpm.engine.tensor.TensorException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The parameters of a model by name, in the order of creation, which is that of PyTorch's state_dict. They live in a
 * scope of their own, from the model's construction to {@link #close}.
 *
 * <p>What belongs to the parameters one by one (gradients, Adam's moments, an average) is a list of tensors of the same
 * shapes in the same order; {@link #toHost(List)} and {@link #fromHost} move such lists too.
 */
public final class Parameters implements AutoCloseable {
    private final Scope scope;
    private final OptionalLong seed;
    private final Map<String, Parameter> byName = new LinkedHashMap<>();
    private final Map<String, Tensor> constants = new LinkedHashMap<>();
    private int dropouts;

    /** @param seed of the initial values */
    public Parameters(Backend backend, long seed) {
        this(backend, OptionalLong.of(seed));
    }

    private Parameters(Backend backend, OptionalLong seed) {
        this.scope = Scope.on(backend);
        this.seed = seed;
    }

    /** Parameters that will be loaded: nothing is drawn, all are 0 until then. */
    public static Parameters toLoad(Backend backend) {
        return new Parameters(backend, OptionalLong.empty());
    }

    /**
     * Makes the next parameter.
     *
     * @param file extents in PyTorch's order; the engine's follow from {@link Layout#of}
     */
    public Tensor create(String name, Shape file, Init init) {
        if (byName.containsKey(name)) {
            throw new TensorException("parameter '" + name + "' is created twice; give each layer a name of its own");
        }
        Layout layout = Layout.of(file.rank());
        // drawn in the file's order: the engine's layout has no say in the values
        int count = Math.toIntExact(file.count());
        float[] values = seed.isPresent() ? init.values(count, seed.getAsLong(), byName.size()) : new float[count];
        Tensor value = scope.leaf(layout.engineShape(file), layout.toEngine(file, values));
        byName.put(name, new Parameter(name, value, layout));
        return value;
    }

    /**
     * Makes a tensor beside the parameters that is not learned: it is in no list here and no file of ours. PyTorch's files may have it, as
     * a parameter without a gradient or a buffer; {@link #load} then asks that it have these values.
     *
     * @param file extents in PyTorch's order and the engine's
     */
    public Tensor constant(String name, Shape file, float[] values) {
        Tensor value = scope.tensor(file, values);
        constants.put(name, value);
        return value;
    }

    /** That of the initial values; 0 where there are none to draw. */
    long seed() {
        return seed.orElse(0);
    }

    /** The random stream of the next layer that draws, each in the order of its creation. */
    Stream nextDropout() {
        return Stream.dropout(dropouts++);
    }

    public Backend backend() {
        return scope.backend();
    }

    /** All of them in the order of creation. */
    public List<Parameter> list() {
        return List.copyOf(byName.values());
    }

    /** Their values in the order of creation. */
    public List<Tensor> tensors() {
        return byName.values().stream().map(Parameter::value).toList();
    }

    /** @throws TensorException when there is none of that name */
    public Parameter get(String name) {
        Parameter p = byName.get(name);
        if (p == null) {
            throw new TensorException("no parameter '" + name + "' among " + byName.size());
        }
        return p;
    }

    /** Elements of all parameters together. */
    public long count() {
        return byName.values().stream().mapToLong(p -> p.value().count()).sum();
    }

    /** Tensors of the parameters' shapes, filled with zeros, in {@code owner}. */
    public List<Tensor> zeros(Scope owner) {
        return tensors().stream().map(t -> owner.zeros(t.shape())).toList();
    }

    /** Copies of the values, in {@code owner}. */
    public List<Tensor> copies(Scope owner) {
        return tensors().stream().map(t -> copy(t, owner)).toList();
    }

    private static Tensor copy(Tensor from, Scope owner) {
        Tensor to = owner.empty(from.shape());
        owner.backend().memory().copy(from.count() * from.dtype().bytes(), from.buffer(), to.buffer());
        return to;
    }

    /** The values in the file's layout, by name in the order of creation. */
    public Map<String, HostTensor> toHost() {
        return toHost(tensors());
    }

    /** As {@link #toHost()} for tensors that belong to the parameters one by one. */
    public Map<String, HostTensor> toHost(List<Tensor> tensors) {
        Map<String, HostTensor> host = new LinkedHashMap<>();
        sources(tensors)
                .forEach((name, source) -> host.put(name, source.values().get().copy()));
        return Collections.unmodifiableMap(host);
    }

    /** As {@link #toHost()}, each fetched from the device when it is asked for. */
    public Map<String, TensorSource> sources() {
        return sources(tensors());
    }

    /** As {@link #sources()} for tensors that belong to the parameters one by one. */
    public Map<String, TensorSource> sources(List<Tensor> tensors) {
        requireSameShapes(tensors);
        Map<String, TensorSource> sources = new LinkedHashMap<>();
        Fetch fetch = new Fetch();
        int i = 0;
        for (Parameter p : byName.values()) {
            Tensor t = tensors.get(i++);
            sources.put(p.name(), new TensorSource(DType.F32, p.fileShape().toArray(), () -> fetch.of(p, t)));
        }
        return Collections.unmodifiableMap(sources);
    }

    /**
     * Replaces all values by those of a file.
     *
     * @param from by name, in the file's layout
     * @throws TensorException naming what is missing, surplus, of another shape or type, or not finite; then nothing has
     *     changed
     */
    public void load(Map<String, HostTensor> from) {
        fromHost(from, tensors());
    }

    /** As {@link #load} into tensors that belong to the parameters one by one. */
    public void fromHost(Map<String, HostTensor> from, List<Tensor> to) {
        requireSameShapes(to);
        List<float[]> values = new StateCheck(byName, constants).values(from);
        for (int i = 0; i < values.size(); i++) {
            Tensor t = to.get(i);
            t.backend().memory().upload(values.get(i), t.buffer());
        }
    }

    private void requireSameShapes(List<Tensor> tensors) {
        List<Shape> got = tensors.stream().map(Tensor::shape).toList();
        List<Shape> wanted = tensors().stream().map(Tensor::shape).toList();
        if (!got.equals(wanted)) {
            throw new TensorException("parameters: needs " + wanted.size() + " tensors of the parameters' shapes, got "
                    + got.size() + (got.size() == wanted.size() ? " of other shapes" : ""));
        }
    }

    /** Gives the memory back. */
    @Override
    public void close() {
        scope.close();
    }
}
