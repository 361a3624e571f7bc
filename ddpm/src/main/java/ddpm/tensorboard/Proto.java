package ddpm.tensorboard;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A protocol buffer message, field by field: protobuf.dev, "Encoding". A tag is the field's number and the kind of its value. */
final class Proto {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH_DELIMITED = 2;
    private static final int FIXED32 = 5;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** Of int32, int64 and enumerations. */
    Proto varint(int field, long value) {
        return tag(field, VARINT).varint(value);
    }

    Proto fixed(int field, double value) {
        tag(field, FIXED64).raw(littleEndian(8).putDouble(0, value).array());
        return this;
    }

    Proto fixed(int field, float value) {
        tag(field, FIXED32).raw(littleEndian(4).putFloat(0, value).array());
        return this;
    }

    Proto bytes(int field, byte[] value) {
        tag(field, LENGTH_DELIMITED).varint(value.length).raw(value);
        return this;
    }

    Proto text(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    Proto message(int field, Proto value) {
        return bytes(field, value.toBytes());
    }

    byte[] toBytes() {
        return bytes.toByteArray();
    }

    private Proto tag(int field, int kind) {
        return varint((long) field << 3 | kind);
    }

    /** Seven bits a byte, the lowest first; the eighth says that more follow. */
    private Proto varint(long value) {
        long rest = value;
        while (rest >>> 7 != 0) {
            bytes.write((int) (rest & 127 | 128));
            rest >>>= 7;
        }
        bytes.write((int) rest);
        return this;
    }

    private void raw(byte[] value) {
        bytes.writeBytes(value);
    }

    private static ByteBuffer littleEndian(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
