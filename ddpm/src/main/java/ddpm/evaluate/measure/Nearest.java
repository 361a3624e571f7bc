package ddpm.evaluate.measure;

import java.util.Arrays;
import java.util.Comparator;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * The nearest points of one set for each point of another, from near to far.
 *
 * @param index [points][k] in the other set
 * @param distance [points][k], Euclidean
 */
public record Nearest(int[][] index, double[][] distance) {
    /** Points that are kept beside those asked for, since float32 may have them in another order. */
    private static final int SPARE = 8;

    /** Of each point of {@code a} the {@code k} nearest of {@code b}; {@code k} is at most b's count. */
    public static Nearest of(Products products, Rows a, Rows b, int k) {
        return of(products, a, b, k, i -> -1);
    }

    /** Of each point the {@code k} nearest others of its own set; {@code k} is below its count. */
    public static Nearest among(Products products, Rows a, int k) {
        return of(products, a, a, k, i -> i);
    }

    /** @param left the point of {@code b} that is left out for a point of {@code a}, since it is the same one; -1 for none */
    public static Nearest of(Products products, Rows a, Rows b, int k, IntUnaryOperator left) {
        if (k < 1 || k > b.count()) {
            throw new IllegalArgumentException("nearest: the " + k + " nearest of " + b.count() + " points");
        }
        int kept = Math.min(b.count(), k + SPARE);
        int[][] near = new int[a.count()][kept];
        double[][] squares = new double[a.count()][kept];
        for (int i = 0; i < near.length; i++) {
            Arrays.fill(near[i], -1);
            Arrays.fill(squares[i], Double.POSITIVE_INFINITY);
        }
        products.distances(a, b, (firstA, firstB, rows, columns, squared, uncertain) -> {
            for (int i = 0; i < rows; i++) {
                int skip = left.applyAsInt(firstA + i);
                for (int j = 0; j < columns; j++) {
                    double d = squared[i * columns + j];
                    if (d < squares[firstA + i][kept - 1] && firstB + j != skip) {
                        insert(near[firstA + i], squares[firstA + i], firstB + j, d);
                    }
                }
            }
        });
        return exact(a, b, k, near);
    }

    /** Into a list that is in order; its last falls off. */
    private static void insert(int[] near, double[] squares, int point, double squared) {
        int at = squares.length - 1;
        while (at > 0 && squares[at - 1] > squared) {
            squares[at] = squares[at - 1];
            near[at] = near[at - 1];
            at--;
        }
        squares[at] = squared;
        near[at] = point;
    }

    private static Nearest exact(Rows a, Rows b, int k, int[][] near) {
        record Neighbour(int index, double distance) {}
        int[][] index = new int[near.length][];
        double[][] distance = new double[near.length][];
        IntStream.range(0, near.length).parallel().forEach(i -> {
            Neighbour[] all = Arrays.stream(near[i])
                    .filter(j -> j >= 0)
                    .mapToObj(j -> new Neighbour(j, Products.exact(a, i, b, j)))
                    .sorted(Comparator.comparingDouble(Neighbour::distance).thenComparingInt(Neighbour::index))
                    .limit(k)
                    .toArray(Neighbour[]::new);
            index[i] = Arrays.stream(all).mapToInt(Neighbour::index).toArray();
            distance[i] = Arrays.stream(all).mapToDouble(Neighbour::distance).toArray();
        });
        return new Nearest(index, distance);
    }

    /** The distance to the k-th nearest of each point, k from 1. */
    public double[] distances(int k) {
        return Arrays.stream(distance).mapToDouble(d -> d[k - 1]).toArray();
    }

    /** The nearest of each point. */
    public int[] first() {
        return Arrays.stream(index).mapToInt(i -> i[0]).toArray();
    }
}
