package ddpm.engine.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import ddpm.engine.disk.IoReason;
import ddpm.engine.tensor.HostTensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads and writes .safetensors files: 8 bytes of little-endian header length N, N bytes of JSON
 * {@code {name: {"dtype", "shape", "data_offsets": [begin, end]}, "__metadata__": {..}}}, then the raw little-endian
 * row-major data, offsets counted from its first byte.
 *
 * <p>Source: the format section of github.com/huggingface/safetensors. PyTorch's and our files are interchangeable.
 */
public final class Safetensors {
    /** The format's own limit on the JSON, in bytes. */
    private static final long MAX_HEADER = 100_000_000;

    private static final int PREFIX = 8;
    private static final int ALIGNMENT = 8;

    // The JDK copies through a direct buffer of the size asked for and keeps it: ask for little at a time.
    private static final int CHUNK = 1 << 20;

    private static final JsonFactory JSON = new JsonFactory();

    private Safetensors() {}

    /**
     * What a file holds.
     *
     * @param tensors by name, in the order of their data in the file; unmodifiable
     * @param metadata free text by key; unmodifiable
     */
    public record Content(Map<String, HostTensor> tensors, Map<String, String> metadata) {
        /** Copies both maps and keeps their order. */
        public Content {
            tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
            metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
        }
    }

    /**
     * The tensors and metadata of a file. Everything the header says is checked against the length of the file before
     * memory is taken for it, so a damaged or hostile file costs no more than its own size.
     *
     * @throws SafetensorsException when the file is missing, cut short, damaged, or has a tensor of 2 GiB or more
     */
    public static Content read(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new SafetensorsException(file, "this is a folder", "name a .safetensors file inside it", null);
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            SafetensorsHeader header = header(file, channel);
            Map<String, HostTensor> tensors = new LinkedHashMap<>();
            for (SafetensorsHeader.Entry entry : header.entries()) {
                if (entry.bytes() > Integer.MAX_VALUE) {
                    String problem = entry + " has " + entry.bytes() + " bytes, more than one Java buffer holds";
                    throw new SafetensorsException(file, problem, "split it into tensors below 2 GiB", null);
                }
                ByteBuffer data = ByteBuffer.allocate((int) entry.bytes());
                fill(file, channel, data, "the data of " + entry);
                tensors.put(entry.name(), new HostTensor(entry.dtype(), entry.shape(), data));
            }
            return new Content(tensors, header.metadata());
        } catch (SafetensorsException e) {
            throw e;
        } catch (IOException e) {
            throw new SafetensorsException(file, "cannot be read: " + IoReason.of(e), "check the path", e);
        }
    }

    /**
     * Writes a file, replacing one of the same name in place, and waits until the disk has it. A writer that must not
     * lose the old file writes to another name and renames.
     *
     * @param tensors in the order of the map: pass one with an order, so that equal content gives equal bytes
     * @param metadata free text; written in the order of its keys
     * @throws IllegalArgumentException for a tensor named {@code __metadata__}
     * @throws SafetensorsException when the file cannot be written; what is there then is not valid
     */
    public static void write(Path file, Map<String, HostTensor> tensors, Map<String, String> metadata)
            throws IOException {
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            write(channel, tensors, metadata);
            channel.force(true);
        } catch (IOException e) {
            throw new SafetensorsException(
                    file, "cannot be written: " + IoReason.of(e), "check the folder and its free space", e);
        }
    }

    /** As {@link #write(Path, Map, Map)}, to an open channel, from its position on; neither synced nor closed. */
    public static void write(WritableByteChannel channel, Map<String, HostTensor> tensors, Map<String, String> metadata)
            throws IOException {
        Map<String, TensorSource> sources = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> sources.put(name, TensorSource.of(tensor)));
        stream(channel, sources, metadata);
    }

    /**
     * As {@link #write(WritableByteChannel, Map, Map)}, of values that are fetched one tensor at a time: first the header,
     * then each in its turn.
     */
    public static void stream(
            WritableByteChannel channel, Map<String, TensorSource> sources, Map<String, String> metadata)
            throws IOException {
        drain(channel, ByteBuffer.wrap(encodedHeader(sources, metadata)));
        for (var named : sources.entrySet()) {
            HostTensor tensor = named.getValue().values().get();
            requireAsAnnounced(named.getKey(), named.getValue(), tensor);
            drain(channel, tensor.data());
        }
    }

    private static void requireAsAnnounced(String name, TensorSource source, HostTensor tensor) {
        if (tensor.dtype() != source.dtype() || !Arrays.equals(tensor.shape(), source.shape())) {
            throw new IllegalStateException("safetensors: '" + name + "' is " + tensor + ", its header says "
                    + source.dtype() + Arrays.toString(source.shape()));
        }
    }

    private static SafetensorsHeader header(Path file, FileChannel channel) throws IOException {
        String remedy = "it is cut short or not a safetensors file; copy it again";
        long size = channel.size();
        if (size < PREFIX) {
            String problem = "has " + size + " bytes, the header length alone takes " + PREFIX;
            throw new SafetensorsException(file, problem, remedy, null);
        }
        ByteBuffer prefix = ByteBuffer.allocate(PREFIX).order(ByteOrder.LITTLE_ENDIAN);
        fill(file, channel, prefix, "the header length");
        long length = prefix.getLong(0);
        // Unsigned in the format: what is negative here is beyond every file.
        if (length < 0 || length > size - PREFIX) {
            String problem = "says its header has " + Long.toUnsignedString(length) + " bytes, the file holds "
                    + (size - PREFIX) + " after the length";
            throw new SafetensorsException(file, problem, remedy, null);
        }
        if (length > MAX_HEADER) {
            String problem = "says its header has " + length + " bytes, the format allows " + MAX_HEADER;
            throw new SafetensorsException(file, problem, remedy, null);
        }
        ByteBuffer json = ByteBuffer.allocate((int) length);
        fill(file, channel, json, "the header");
        return SafetensorsHeader.parse(file, json.array(), size - PREFIX - length);
    }

    /** Reads until {@code to} is full and flips it; a file that shrank meanwhile is an error. */
    private static void fill(Path file, FileChannel channel, ByteBuffer to, String what) throws IOException {
        while (to.position() < to.capacity()) {
            to.limit(to.position() + Math.min(CHUNK, to.capacity() - to.position()));
            if (channel.read(to) < 0) {
                throw new SafetensorsException(file, "ends inside " + what, "copy the file again", null);
            }
        }
        to.flip();
    }

    private static void drain(WritableByteChannel channel, ByteBuffer from) throws IOException {
        int end = from.limit();
        while (from.position() < end) {
            from.limit(from.position() + Math.min(CHUNK, end - from.position()));
            channel.write(from);
        }
    }

    /** Length, JSON and the spaces that bring the data to a multiple of 8 bytes. */
    private static byte[] encodedHeader(Map<String, TensorSource> tensors, Map<String, String> metadata)
            throws IOException {
        var bytes = new ByteArrayOutputStream();
        bytes.writeBytes(new byte[PREFIX]);
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            if (!metadata.isEmpty()) {
                json.writeObjectFieldStart(SafetensorsHeader.METADATA);
                // Sorted, because Map.of has another order in every JVM.
                for (var text : new TreeMap<>(metadata).entrySet()) {
                    json.writeStringField(text.getKey(), text.getValue());
                }
                json.writeEndObject();
            }
            long offset = 0;
            for (var named : tensors.entrySet()) offset = writeEntry(json, named.getKey(), named.getValue(), offset);
            json.writeEndObject();
        }
        while (bytes.size() % ALIGNMENT != 0) bytes.write(' ');
        long length = bytes.size() - PREFIX;
        if (length > MAX_HEADER) {
            throw new IOException("the header takes " + length + " bytes, the format allows " + MAX_HEADER);
        }
        byte[] header = bytes.toByteArray();
        ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length);
        return header;
    }

    private static long writeEntry(JsonGenerator json, String name, TensorSource tensor, long begin)
            throws IOException {
        if (name.equals(SafetensorsHeader.METADATA)) {
            throw new IllegalArgumentException(
                    "safetensors: no tensor can be named '" + name + "', the format uses it; rename the tensor");
        }
        long end = begin + tensor.dtype().bytesOf(tensor.shape());
        json.writeObjectFieldStart(name);
        json.writeStringField("dtype", tensor.dtype().name());
        json.writeFieldName("shape");
        writeLongs(json, tensor.shape());
        json.writeFieldName("data_offsets");
        writeLongs(json, begin, end);
        json.writeEndObject();
        return end;
    }

    private static void writeLongs(JsonGenerator json, long... values) throws IOException {
        json.writeStartArray();
        for (long value : values) json.writeNumber(value);
        json.writeEndArray();
    }
}
