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
        SQRT,
        /**
         * x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2, which is GELU to 5e-4; Hendrycks &amp; Gimpel 2016, section 2. On the CPU
         * its slope is NaN where x^3 is infinite.
         */
        GELU_TANH
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

    /** y[n,h,w,c] = x[n,h,w,c] - b[n,c], * b[n,c] or / b[n,c]. @param g extents of x @param b in, [N,C] */
    void combinePerImage(Pair pair, Nhwc g, Buffer x, Buffer b, Buffer y);

    /** d[n,c] = sum over pixels of u[n,h,w,c] * v[n,h,w,c]. @param g extents of u and v @param d out, [N,C] */
    void sumPixelProducts(Nhwc g, Buffer u, Buffer v, Buffer d);

    /** db[n,c] = sum over pixels of dy[n,h,w,c]. @param g extents of dy @param db out, [N,C] */
    void sumPixels(Nhwc g, Buffer dy, Buffer db);

    /**
     * y[n,h,w,c] = x[n,h,w,c] * (1 + e[n,c]) + e[n,C+c]. Perez et al. 2018, section 2.
     *
     * @param g extents of x
     * @param e in, [N,2C]: scales, then shifts
     */
    void modulate(Nhwc g, Buffer x, Buffer e, Buffer y);

    /**
     * dx = dy * (1 + e[n,c]); de[n,c] = sum over pixels of dy * x, de[n,C+c] = sum over pixels of dy.
     *
     * @param g extents of x
     * @param dx out; may be dy
     * @param de out, [N,2C]
     */
    void modulateBackward(Nhwc g, Buffer x, Buffer e, Buffer dy, Buffer dx, Buffer de);

    /**
     * y[n,h,w,c] = x[n,h,w,c] + gate[n,c] * b[n,h,w,c]. Peebles &amp; Xie 2023, section 3.2.
     *
     * @param g extents of x and b
     * @param gate in, [N,C]
     */
    void addGated(Nhwc g, Buffer x, Buffer b, Buffer gate, Buffer y);

    /**
     * db = gate[n,c] * dy; dgate[n,c] = sum over pixels of dy * b. The gradient of x is dy itself.
     *
     * @param db out; may be dy
     * @param dgate out, [N,C]
     */
    void addGatedBackward(Nhwc g, Buffer b, Buffer gate, Buffer dy, Buffer db, Buffer dgate);

    /**
     * Sinusoidal embedding of timesteps, Vaswani et al. 2017 section 3.5 as in the reference's get_time_embedding:
     * y[i] = sin(t / f_k) for k &lt; dim/2, then cos(t / f_k), f_k = 10000^(k / (dim/2)); with a shift, or the cosines first, as
     * get_timestep_embedding of diffusers.
     *
     * @param t in, [n], not negative; a model may be told of noise by other numbers than 0 .. T-1
     * @param y out, [n,dim]
     */
    void timestepEmbedding(Waves g, Buffer t, Buffer y);

    /**
     * Geometry of a sinusoidal embedding of times.
     *
     * @param n times
     * @param dim of a time's embedding, even: half sines, half cosines
     * @param shift taken off dim/2 where periods are spread: with 1 the last of them is 10000 times the first
     * @param cosinesFirst whether the cosines come before the sines
     */
    record Waves(long n, int dim, float shift, boolean cosinesFirst) {
        /** f_k = 10000^(k / span). */
        public float span() {
            return dim / 2 - shift;
        }

        /** The first column of the sines. */
        public int sines() {
            return cosinesFirst ? dim / 2 : 0;
        }

        /** The first column of the cosines. */
        public int cosines() {
            return dim / 2 - sines();
        }
    }
}
