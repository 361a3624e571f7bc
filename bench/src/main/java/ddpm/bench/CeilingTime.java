package ddpm.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import ddpm.UserError;
import ddpm.engine.backend.Backend;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What a copy and a large product reach on a device: one line of JSON, which {@code bench/device-run.sh} files. */
@Command(name = "CeilingTime", mixinStandardHelpOptions = true, sortOptions = false)
public final class CeilingTime implements Callable<Integer> {
    @Option(names = "--precision", defaultValue = "bf16", description = "fp32, tf32 or bf16")
    private String precision;

    @Option(names = "--device", defaultValue = "cuda", description = "cpu or cuda")
    private String device;

    @Option(names = "--rehearse", description = "sizes for which the times mean nothing, also on the simulator")
    private boolean rehearse;

    public static void main(String[] args) {
        System.exit(new CommandLine(new CeilingTime()).execute(args));
    }

    @Override
    public Integer call() {
        try (Backend backend = Target.open(device, precision)) {
            Ceiling ceiling = rehearse ? Ceiling.rehearsed(backend) : Ceiling.of(backend);
            ObjectNode json = new ObjectMapper().createObjectNode();
            json.put("kind", "ceiling").put("by", "ddpm").put("precision", precision);
            json.put("copy_gb_s", ceiling.bytes() / 1e9).put("product_tflop_s", ceiling.flop() / 1e12);
            System.out.println(json);
            return 0;
        } catch (UserError | IllegalStateException e) {
            System.err.println("CeilingTime: " + e.getMessage());
            return 1;
        }
    }
}
