package ddpm.engine.backend;

/** Operations on each element on its own, and their broadcasts. Results may be written over any input. */
public interface ElementwiseOps {
    /** y = a + b. @param n elements */
    void add(long n, Buffer a, Buffer b, Buffer y);

    /** What {@link #combine} makes of two elements. */
    enum Pair {
        SUBTRACT,
        MULTIPLY,
        DIVIDE
    }

    /** y = a - b, a * b or a / b. @param n elements */
    void combine(Pair pair, long n, Buffer a, Buffer b, Buffer y);

    /** What {@link #apply} makes of an element. */
    enum Function {
        /** max(x, 0), with slope 0 at 0. */
        RELU,
        /** x (1 + erf(x / sqrt 2)) / 2, Hendrycks &amp; Gimpel 2016; not the approximation by tanh. */
        GELU,
        TANH,
        /** 1 / (1 + exp(-x)). */
        SIGMOID,
        /** Of what is no number NaN or, on the CPU, infinity. */
        EXP,
        /** Of the base e. */
        LOG,
        SQRT
    }

    /** y = f(x). @param n elements */
    void apply(Function f, long n, Buffer x, Buffer y);

    /** dx = dy * f'(x). @param n elements */
    void applyBackward(Function f, long n, Buffer x, Buffer dy, Buffer dx);

    /** y = factor * x. @param n elements */
    void scale(long n, float factor, Buffer x, Buffer y);

    /** y = factor * s[0] in every element: the backward of a sum. @param s in, one element */
    void fill(long n, float factor, Buffer s, Buffer y);

    /** y = x * sigmoid(x). @param n elements */
    void silu(long n, Buffer x, Buffer y);

    /** dx = dy * sigmoid(x) * (1 + x * (1 - sigmoid(x))). @param n elements */
    void siluBackward(long n, Buffer x, Buffer dy, Buffer dx);

    /** y[n,h,w,c] = x[n,h,w,c] + b[n,c]. @param g extents of x @param b in, [N,C] */
    void addPerImage(Nhwc g, Buffer x, Buffer b, Buffer y);

    /** db[n,c] = sum over pixels of dy[n,h,w,c]. @param g extents of dy @param db out, [N,C] */
    void sumPixels(Nhwc g, Buffer dy, Buffer db);

    /**
     * Sinusoidal embedding of timesteps, Vaswani et al. 2017 section 3.5 as in the reference's get_time_embedding:
     * y[i] = sin(t / f_k) for k &lt; dim/2, then cos(t / f_k), f_k = 10000^(k / (dim/2)).
     *
     * @param n number of timesteps
     * @param dim even
     * @param t in, [n], not negative; a model may be told of noise by other numbers than 0 .. T-1
     * @param y out, [n,dim]
     */
    void timestepEmbedding(long n, int dim, Buffer t, Buffer y);
}
