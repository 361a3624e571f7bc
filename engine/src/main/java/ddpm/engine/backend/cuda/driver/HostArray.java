package ddpm.engine.backend.cuda.driver;

import java.nio.ByteBuffer;

/** A Java array of some type as a run of bytes, read and written piece by piece. */
public interface HostArray {
    long bytes();

    /** Fills the piece with what stands at an offset in bytes. */
    void write(long offset, ByteBuffer piece);

    /** Takes the piece to an offset in bytes. */
    void read(long offset, ByteBuffer piece);

    static HostArray of(float[] a) {
        return new HostArray() {
            @Override
            public long bytes() {
                return 4L * a.length;
            }

            @Override
            public void write(long offset, ByteBuffer piece) {
                piece.asFloatBuffer().put(a, (int) (offset / 4), piece.remaining() / 4);
            }

            @Override
            public void read(long offset, ByteBuffer piece) {
                piece.asFloatBuffer().get(a, (int) (offset / 4), piece.remaining() / 4);
            }
        };
    }

    static HostArray of(int[] a) {
        return new HostArray() {
            @Override
            public long bytes() {
                return 4L * a.length;
            }

            @Override
            public void write(long offset, ByteBuffer piece) {
                piece.asIntBuffer().put(a, (int) (offset / 4), piece.remaining() / 4);
            }

            @Override
            public void read(long offset, ByteBuffer piece) {
                piece.asIntBuffer().get(a, (int) (offset / 4), piece.remaining() / 4);
            }
        };
    }

    static HostArray of(byte[] a) {
        return new HostArray() {
            @Override
            public long bytes() {
                return a.length;
            }

            @Override
            public void write(long offset, ByteBuffer piece) {
                piece.put(a, (int) offset, piece.remaining());
            }

            @Override
            public void read(long offset, ByteBuffer piece) {
                piece.get(a, (int) offset, piece.remaining());
            }
        };
    }
}
