// the reference's weights as a file: what is in it, and what a cut one says
import ddpm.engine.backend.*;
import ddpm.engine.backend.cpu.*;
import ddpm.engine.io.*;
import ddpm.engine.nn.*;
import ddpm.model.unet.*;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.*;
var file = Files.createTempDirectory("ddpm").resolve("model.safetensors");
var backend = new CpuBackend(Precision.FP32);
var net = UNetConfig.reference().create(Parameters.toLoad(backend));
try (var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
    Safetensors.write(channel, net.parameters().toHost(), java.util.Map.of("format", "pt"));
}
var all = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN); // jshell makes a text of an array
System.out.printf("%,d bytes = 8 + %,d of header + 4 * %,d%n", all.capacity(), all.getLong(0), net.parameters().count());
System.out.println(new String(all.array(), 8, 110) + "...");
Files.write(file, java.util.Arrays.copyOf(all.array(), 1_000_000));
try {
    Safetensors.read(file);
} catch (SafetensorsException e) {
    System.out.println(e.getMessage().replace(file.toString(), "model.safetensors"));
}
Files.delete(file);
Files.delete(file.getParent());
net.close();
backend.close();
/exit
