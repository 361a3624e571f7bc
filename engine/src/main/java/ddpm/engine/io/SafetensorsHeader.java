package ddpm.engine.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import ddpm.engine.tensor.DType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The JSON header of a safetensors file, read and compared with the bytes that follow it.
 *
 * <p>When {@link #parse} returns, the entries lie one after the other in the data, without overlap, hole or rest, and
 * each has the bytes of its type and shape.
 *
 * @param entries in the order of their data
 * @param metadata free text, by key
 */
record SafetensorsHeader(List<Entry> entries, Map<String, String> metadata) {
    static final String METADATA = "__metadata__";

    private static final int MAX_RANK = 64;
    private static final String DAMAGED = "the header is damaged; write or copy the file again";

    // Names of tensors come from the file: interning them would keep them for ever.
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    /** One tensor: {@code begin} and {@code end} are bytes from the start of the data. */
    record Entry(String name, DType dtype, long[] shape, long begin, long end) {
        long bytes() {
            return end - begin;
        }

        @Override
        public String toString() {
            return "tensor '" + name + "' " + dtype + Arrays.toString(shape);
        }
    }

    /**
     * Reads the header.
     *
     * @param json the header as it lies in the file, padding included
     * @param dataBytes what the file holds after the header
     * @throws SafetensorsException when it is not a header, or is not true of {@code dataBytes}
     */
    static SafetensorsHeader parse(Path file, byte[] json, long dataBytes) throws SafetensorsException {
        // The reader decodes strictly: Jackson would guess UTF-16 from a zero byte and replace bad sequences.
        var text = new InputStreamReader(
                new ByteArrayInputStream(json),
                StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT));
        SafetensorsHeader header;
        try (JsonParser parser = JSON.createParser(text)) {
            header = new Grammar(file, parser).header();
        } catch (SafetensorsException e) {
            throw e;
        } catch (IOException e) {
            throw new SafetensorsException(file, "the header is not JSON in UTF-8: " + firstLine(e), DAMAGED, e);
        }
        header.requireFills(file, dataBytes);
        return header;
    }

    private static String firstLine(IOException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    private void requireFills(Path file, long dataBytes) throws SafetensorsException {
        long expected = 0;
        Entry previous = null;
        for (Entry entry : entries) {
            if (entry.end > dataBytes) {
                String problem = entry + " ends at byte " + entry.end + " of the data, the file holds " + dataBytes;
                throw new SafetensorsException(
                        file, problem, "the file is cut short or its header is wrong; copy it again", null);
            }
            if (entry.begin < expected) {
                throw new SafetensorsException(
                        file,
                        entry + " begins at byte " + entry.begin + " and overlaps " + previous + ", which ends at "
                                + expected,
                        DAMAGED,
                        null);
            }
            if (entry.begin > expected) {
                String hole = "no tensor owns bytes " + expected + " to " + entry.begin + " of the data, before ";
                throw new SafetensorsException(file, hole + entry, DAMAGED, null);
            }
            expected = entry.end;
            previous = entry;
        }
        if (expected != dataBytes) {
            String problem = "the header describes " + expected + " bytes of data, the file holds " + dataBytes;
            throw new SafetensorsException(file, problem, "bytes were added at its end; copy it again", null);
        }
    }

    /** One method per rule of the grammar; each begins on the first token of what it reads and ends on the last. */
    private record Grammar(Path file, JsonParser json) {
        SafetensorsHeader header() throws IOException {
            Map<String, Entry> entries = new LinkedHashMap<>();
            Map<String, String> metadata = null;
            json.nextToken();
            require(JsonToken.START_OBJECT, "the header");
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                json.nextToken();
                if (name.equals(METADATA)) {
                    if (metadata != null) throw wrong("'" + METADATA + "' stands twice in the header");
                    metadata = metadata();
                } else if (entries.put(name, entry(name)) != null) {
                    throw wrong("tensor '" + name + "' stands twice in the header");
                }
            }
            if (json.nextToken() != null) throw wrong("text follows the closing brace of the header");
            List<Entry> inFileOrder = new ArrayList<>(entries.values());
            inFileOrder.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
            return new SafetensorsHeader(inFileOrder, metadata == null ? Map.of() : metadata);
        }

        private Map<String, String> metadata() throws IOException {
            require(JsonToken.START_OBJECT, "'" + METADATA + "'");
            Map<String, String> metadata = new LinkedHashMap<>();
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String key = json.currentName();
                json.nextToken();
                require(JsonToken.VALUE_STRING, "metadata '" + key + "'");
                if (metadata.put(key, json.getText()) != null) throw wrong("metadata '" + key + "' stands twice");
            }
            return metadata;
        }

        private Entry entry(String name) throws IOException {
            String where = "tensor '" + shorten(name) + "'";
            require(JsonToken.START_OBJECT, where);
            DType dtype = null;
            long[] shape = null;
            long[] offsets = null;
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String key = json.currentName();
                json.nextToken();
                boolean twice;
                switch (key) {
                    case "dtype" -> {
                        twice = dtype != null;
                        dtype = dtype(where);
                    }
                    case "shape" -> {
                        twice = shape != null;
                        shape = longs(where + ": shape");
                    }
                    case "data_offsets" -> {
                        twice = offsets != null;
                        offsets = longs(where + ": data_offsets");
                    }
                    default -> throw wrong(where + " has the unknown key '" + shorten(key) + "'");
                }
                if (twice) throw wrong(where + " has '" + key + "' twice");
            }
            if (dtype == null || shape == null || offsets == null) {
                throw wrong(where + " lacks one of dtype, shape, data_offsets");
            }
            return sized(where, dtype, shape, offsets, name);
        }

        private Entry sized(String where, DType dtype, long[] shape, long[] offsets, String name)
                throws SafetensorsException {
            if (offsets.length != 2 || offsets[0] > offsets[1]) {
                throw wrong(where + " has data_offsets " + Arrays.toString(offsets) + ", not [begin, end]");
            }
            String array = where + " " + dtype + Arrays.toString(shape);
            long bytes;
            try {
                bytes = dtype.bytesOf(shape);
            } catch (ArithmeticException e) {
                throw wrong(array + " is larger than 2^63 bytes");
            }
            if (bytes != offsets[1] - offsets[0]) {
                throw wrong(array + " takes " + bytes + " bytes, its data_offsets " + Arrays.toString(offsets)
                        + " hold " + (offsets[1] - offsets[0]));
            }
            return new Entry(name, dtype, shape, offsets[0], offsets[1]);
        }

        private DType dtype(String where) throws IOException {
            require(JsonToken.VALUE_STRING, where + ": dtype");
            String name = json.getText();
            for (DType dtype : DType.values()) if (dtype.name().equals(name)) return dtype;
            throw new SafetensorsException(
                    file,
                    where + " has the unknown dtype '" + shorten(name) + "'",
                    "convert it to one of " + Arrays.toString(DType.values()),
                    null);
        }

        private long[] longs(String where) throws IOException {
            require(JsonToken.START_ARRAY, where);
            long[] values = new long[MAX_RANK];
            int count = 0;
            while (json.nextToken() != JsonToken.END_ARRAY) {
                require(JsonToken.VALUE_NUMBER_INT, where);
                if (count == MAX_RANK) throw wrong(where + " has more than " + MAX_RANK + " numbers");
                if (json.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
                    throw wrong(where + " holds " + shorten(json.getText()) + ", which does not fit 63 bits");
                }
                values[count] = json.getLongValue();
                if (values[count] < 0) throw wrong(where + " holds the negative number " + values[count]);
                count++;
            }
            return Arrays.copyOf(values, count);
        }

        private void require(JsonToken expected, String where) throws IOException {
            JsonToken found = json.currentToken();
            if (found != expected) {
                String is = found == null ? "the end of the text" : found.toString();
                throw wrong(where + " is " + is + " where " + expected + " belongs");
            }
        }

        /** Text of the file as a message shows it: a damaged name may be megabytes long. */
        private static String shorten(String text) {
            return text.length() <= 80 ? text : text.substring(0, 80) + "...";
        }

        private SafetensorsException wrong(String problem) {
            return new SafetensorsException(file, problem, DAMAGED, null);
        }
    }
}
