package ddpm.train.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import ddpm.data.Fingerprint;
import ddpm.disk.FileSink;
import ddpm.engine.disk.IoReason;
import ddpm.train.checkpoint.RunFiles;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The images a run began with, {@code data.jsonl} in its folder: a line with their number, size, checksum and place, then,
 * for a folder of images, one for each file with the checksum of its pixels. A run of an earlier version has none.
 *
 * @param at where the files lay, absolute; null for a set with a name
 */
public record DataOfRun(Fingerprint images, String at) {
    private static final int FORMAT = 1;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What the run in a folder began with; nothing where that was not written down. */
    public static Optional<DataOfRun> read(Path run) throws RunFolderException {
        Path file = run.resolve(RunFiles.DATA);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            JsonNode head = JSON.readTree(lines.readLine());
            if (head == null
                    || head.path("format").asInt() != FORMAT
                    || !head.path("checksum").isTextual()) {
                throw new IOException("its first line is not that of this version");
            }
            List<String> files = new ArrayList<>();
            List<Long> sums = new ArrayList<>();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode one = JSON.readTree(line);
                files.add(one.path("file").asText());
                sums.add(Long.parseUnsignedLong(one.path("checksum").asText(), 16));
            }
            Fingerprint images = new Fingerprint(
                    head.path("height").asInt(),
                    head.path("width").asInt(),
                    head.path("channels").asInt(),
                    head.path("images").asInt(),
                    head.path("checksum").asText(),
                    files,
                    sums.stream().mapToLong(Long::longValue).toArray(),
                    head.path("labels").textValue());
            return Optional.of(new DataOfRun(images, head.path("at").textValue()));
        } catch (IOException | IllegalArgumentException e) {
            String reason = e instanceof IOException io
                    ? IoReason.of(io).lines().findFirst().orElse("")
                    : "" + e;
            throw new RunFolderException(
                    file + ": cannot be read (" + reason + "); remove it to go on without comparing the images", e);
        }
    }

    /** The text of the file; the same images at the same place give the same bytes. */
    byte[] toJson() {
        ObjectNode head = JSON.createObjectNode()
                .put("format", FORMAT)
                .put("images", images.count())
                .put("height", images.height())
                .put("width", images.width())
                .put("channels", images.channels())
                .put("checksum", images.checksum())
                .put("labels", images.labels())
                .put("at", at);
        StringBuilder text = new StringBuilder(head + "\n");
        for (int i = 0; i < images.files().size(); i++) {
            text.append(JSON.createObjectNode()
                            .put("file", images.files().get(i))
                            .put("checksum", String.format(Locale.ROOT, "%016x", images.sum(i))))
                    .append('\n');
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Writes the file where it is not there with the same content. */
    void write(Path run) throws RunFolderException {
        Path file = run.resolve(RunFiles.DATA);
        byte[] text = toJson();
        try {
            if (Files.exists(file) && Arrays.equals(Files.readAllBytes(file), text)) {
                return;
            }
            ByteBuffer bytes = ByteBuffer.wrap(text);
            FileSink.DISK.replace(file, channel -> {
                while (bytes.hasRemaining()) channel.write(bytes);
            });
        } catch (IOException e) {
            throw new RunFolderException(
                    file + " cannot be written: " + IoReason.of(e) + "; free space or choose another --out", e);
        }
    }
}
