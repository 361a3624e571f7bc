package ddpm.engine.tensor;

import ddpm.engine.autograd.Tape;
import ddpm.engine.backend.Backend;
import ddpm.engine.backend.Buffer;
import ddpm.engine.backend.DiffusionOps.BatchNumbers;
import ddpm.engine.disk.MappedFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Owner of tensors: closing it gives all their memory back to the backend's pool. A training step is one scope with a
 * tape, a model's parameters live in another one without. Not thread-safe.
 */
public final class Scope implements AutoCloseable {
    private final Backend backend;
    private final Tape tape;
    private final Tensor numbers;
    private final List<Tensor> owned = new ArrayList<>();
    private boolean closed;

    private Scope(Backend backend, boolean recording, Tensor numbers) {
        this.backend = backend;
        this.numbers = numbers;
        this.tape = recording ? new Tape(this) : null;
    }

    /** A scope whose operations are not recorded: inference, parameters, data. */
    public static Scope on(Backend backend) {
        return new Scope(backend, false, null);
    }

    /** A scope with a tape: operations on tensors that require gradients are recorded for {@link Tape#backward}. */
    public static Scope recording(Backend backend) {
        return new Scope(backend, true, null);
    }

    /**
     * As {@link #recording}, for a step of a training that operations may draw in, such as dropout.
     *
     * @param numbers I32 [4] on this backend, {@code BatchNumbers}: the step and the number of the batch's first row, read when
     *     the operations run
     * @throws TensorException when they are other words or elsewhere
     */
    public static Scope training(Backend backend, Tensor numbers) {
        if (numbers.dtype() != DType.I32 || numbers.count() != BatchNumbers.WORDS || numbers.backend() != backend) {
            throw new TensorException(
                    "training: needs numbers I32 [" + BatchNumbers.WORDS + "] on " + backend.name() + ", got "
                            + numbers.dtype() + " " + numbers.shape() + " on "
                            + numbers.backend().name());
        }
        return new Scope(backend, true, numbers);
    }

    public Backend backend() {
        return backend;
    }

    /** The tape, or null when this scope does not record. */
    public Tape tape() {
        return tape;
    }

    /** The numbers of the step, see {@link #training}; null when this scope has none. */
    public Tensor numbers() {
        return numbers;
    }

    // ---- making tensors ----

    /** Uninitialised memory, F32. */
    public Tensor empty(Shape shape) {
        return allocate(shape, DType.F32, false);
    }

    /** Uninitialised memory for an operation's result; {@code requiresGrad} as its inputs say. */
    public Tensor allocate(Shape shape, DType dtype, boolean requiresGrad) {
        open();
        Buffer buffer = backend.memory().allocate(Math.multiplyExact(shape.count(), dtype.bytes()));
        return own(new Tensor(this, shape, dtype, requiresGrad && tape != null, new Memory(buffer)));
    }

    /** Uninitialised memory of the host that the backend can read, see {@code MemoryOps.allocateHost}. */
    public Tensor onHost(Shape shape, DType dtype) {
        open();
        Buffer buffer = backend.memory().allocateHost(Math.multiplyExact(shape.count(), dtype.bytes()));
        return own(new Tensor(this, shape, dtype, false, new Memory(buffer)));
    }

    /**
     * The images in a file as a tensor U8 that {@code QSample.batch} reads in place; nothing where the backend cannot.
     *
     * @throws TensorException when the file's bytes are not the shape's
     */
    public Optional<Tensor> lent(Shape shape, MappedFile file) {
        if (shape.count() != file.bytes()) {
            throw new TensorException("lent: shape " + shape + " holds " + shape.count() + " values, the file "
                    + file.bytes() + " bytes");
        }
        open();
        return backend.memory()
                .lend(file)
                .map(buffer -> own(new Tensor(this, shape, DType.U8, false, new Memory(buffer))));
    }

    public Tensor zeros(Shape shape) {
        Tensor t = empty(shape);
        backend.memory().zero(t.buffer());
        return t;
    }

    /** A copy of host values, row-major. @throws TensorException when the number of values is not the shape's */
    public Tensor tensor(Shape shape, float[] values) {
        return copyOf(shape, values, false);
    }

    /** As {@link #tensor}, and the tape computes its gradient: a parameter, or an input under test. */
    public Tensor leaf(Shape shape, float[] values) {
        return copyOf(shape, values, true);
    }

    private Tensor copyOf(Shape shape, float[] values, boolean requiresGrad) {
        checkCount(shape, values.length);
        open();
        Buffer buffer = backend.memory().allocate(shape.count() * DType.F32.bytes());
        backend.memory().upload(values, buffer);
        return own(new Tensor(this, shape, DType.F32, requiresGrad, new Memory(buffer)));
    }

    public Tensor tensor(Shape shape, int[] values) {
        checkCount(shape, values.length);
        Tensor t = allocate(shape, DType.I32, false);
        backend.memory().upload(values, t.buffer());
        return t;
    }

    public Tensor tensor(Shape shape, byte[] values) {
        checkCount(shape, values.length);
        Tensor t = allocate(shape, DType.U8, false);
        backend.memory().upload(values, t.buffer());
        return t;
    }

    private static void checkCount(Shape shape, int values) {
        if (shape.count() != values) {
            throw new TensorException("tensor: shape " + shape + " holds " + shape.count() + " values, got " + values);
        }
    }

    /** A tensor that takes over the memory of {@code x}, which ends here: the result of an operation in place. */
    public Tensor takeOver(Tensor x, boolean requiresGrad) {
        if (x.scope() != this || x.origin() != x) {
            throw new TensorException("in place: tensor " + x.shape() + " belongs to another scope");
        }
        x.buffer();
        return own(new Tensor(this, x.shape(), x.dtype(), requiresGrad && tape != null, x.end("overwritten in place")));
    }

    /**
     * A tensor of this scope that sees the memory of {@code x} with other extents; the memory lives as long as either.
     *
     * @param shape of as many elements
     */
    public Tensor view(Tensor x, Shape shape, boolean requiresGrad) {
        open();
        return own(new Tensor(
                this, shape, x.dtype(), requiresGrad && tape != null, x.memory().join()));
    }

    // ---- life ----

    Tensor borrow(Tensor x) {
        open();
        // not owned: the memory stays with the scope that made it
        return new Tensor(this, x.origin());
    }

    /** Ends one tensor early, and its memory unless another sees it; {@code reason} is what later uses are told. */
    public void release(Tensor x, String reason) {
        if (x.scope() == this && x.origin() == x && x.usable()) {
            Memory memory = x.end(reason);
            if (memory.leave()) {
                backend.memory().free(memory.buffer());
            }
        }
    }

    /** Bytes of the tensors that are alive in this scope. */
    public long liveBytes() {
        return owned.stream()
                .filter(Tensor::usable)
                .map(Tensor::memory)
                .distinct()
                .mapToLong(m -> m.buffer().bytes())
                .sum();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            owned.forEach(t -> release(t, "its scope is closed"));
            owned.clear();
        }
    }

    private Tensor own(Tensor t) {
        owned.add(t);
        return t;
    }

    private void open() {
        if (closed) {
            throw new TensorException("scope is closed: make the tensor in an open scope");
        }
    }
}
