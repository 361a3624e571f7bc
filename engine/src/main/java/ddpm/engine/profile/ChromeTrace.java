package ddpm.engine.profile;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** A profile in the trace event format that chrome://tracing and Perfetto read: complete events, times in µs. */
public final class ChromeTrace {
    private static final ObjectMapper JSON = new ObjectMapper();

    private ChromeTrace() {}

    /** One lane of operations, and one of kernels where there are any. */
    public static String of(Profile profile) {
        ObjectNode trace = JSON.createObjectNode();
        trace.put("displayTimeUnit", "ms");
        ArrayNode events = trace.putArray("traceEvents");
        lane(events, 1, "operations", profile.operations());
        if (!profile.kernels().isEmpty()) {
            lane(events, 2, "kernels", profile.kernels());
        }
        return trace.toPrettyString();
    }

    private static void lane(ArrayNode events, int number, String name, List<Span> spans) {
        ObjectNode title = events.addObject();
        title.put("ph", "M").put("name", "thread_name").put("pid", 1).put("tid", number);
        title.putObject("args").put("name", name);
        for (Span s : spans) {
            ObjectNode e = events.addObject();
            e.put("ph", "X").put("name", s.name()).put("cat", s.phase()).put("pid", 1);
            e.put("tid", number).put("ts", s.start()).put("dur", s.micros());
            e.putObject("args")
                    .put("detail", s.detail())
                    .put("bytes", s.bytes())
                    .put("flops", s.flops());
        }
    }
}
