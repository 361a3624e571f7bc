package ddpm.tensorboard;

import java.nio.ByteBuffer;
import java.util.Map;

/**
 * What an event file says at a time: messages {@code Event}, {@code Summary} and {@code SessionLog} of tensorflow's
 * {@code event.proto} and {@code summary.proto}, whose field numbers these are.
 */
public final class Event {
    /** The version from which on {@link #restart} is understood. */
    static final String VERSION = "brain.Event:2";

    private static final int SESSION_START = 1;
    private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G'};
    private static final int PNG_WIDTH_AT = 16; // behind the signature and the head of the chunk IHDR
    private static final int PNG_COLOUR_TYPE_AT = 25;
    private static final int RGB = 3; // of both: colorspace, and channels
    private static final int GREY = 1;
    private static final int PNG_GREY = 0;

    private final Proto message;

    private Event(double seconds) {
        this.message = new Proto().fixed(1, seconds);
    }

    private Event(double seconds, long step) {
        this(seconds);
        message.varint(2, step);
    }

    /** What every file begins with. @param seconds since 1970 */
    static Event version(double seconds) {
        Event event = new Event(seconds);
        event.message.text(3, VERSION);
        return event;
    }

    /**
     * A training goes on: what earlier files of the folder say of {@code step} and later ones holds no more.
     *
     * @param seconds since 1970
     */
    public static Event restart(double seconds, long step) {
        Event event = new Event(seconds, step);
        event.message.message(7, new Proto().varint(1, SESSION_START));
        return event;
    }

    /**
     * Numbers at a step, each a point of the curve of its name; stored in single precision.
     *
     * @param seconds since 1970
     * @param values by name; what stands before a slash groups the curves
     */
    public static Event scalars(double seconds, long step, Map<String, Double> values) {
        Event event = new Event(seconds, step);
        Proto summary = new Proto();
        values.forEach(
                (name, value) -> summary.message(1, new Proto().text(1, name).fixed(2, value.floatValue())));
        event.message.message(5, summary);
        return event;
    }

    /**
     * A picture at a step.
     *
     * @param seconds since 1970
     * @param png a whole file, grey or RGB
     */
    public static Event image(double seconds, long step, String name, byte[] png) {
        ByteBuffer file = ByteBuffer.wrap(png);
        if (png.length <= PNG_COLOUR_TYPE_AT
                || file.getInt(0) != ByteBuffer.wrap(PNG).getInt()) {
            throw new IllegalArgumentException("event: image " + name + " is no PNG file of " + png.length + " bytes");
        }
        Proto image = new Proto()
                .varint(1, file.getInt(PNG_WIDTH_AT + Integer.BYTES))
                .varint(2, file.getInt(PNG_WIDTH_AT))
                .varint(3, png[PNG_COLOUR_TYPE_AT] == PNG_GREY ? GREY : RGB)
                .bytes(4, png);
        Event event = new Event(seconds, step);
        event.message.message(
                5, new Proto().message(1, new Proto().text(1, name).message(4, image)));
        return event;
    }

    byte[] toBytes() {
        return message.toBytes();
    }
}
