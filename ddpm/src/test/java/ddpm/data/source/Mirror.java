package ddpm.data.source;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A web server in this process that serves a few files, with the faults that real ones have. */
public final class Mirror implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, byte[]> files;
    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
    private final Map<String, Integer> sent = new ConcurrentHashMap<>();
    private final CountDownLatch closed = new CountDownLatch(1);

    /** Whether Range is understood. */
    volatile boolean ranges = true;

    /** Answered instead of 200, with no body. */
    volatile int status = 200;

    /** Bytes after which the connection is cut. */
    volatile int breakAfter = Integer.MAX_VALUE;

    /** Bytes after which nothing more comes, on an open connection. */
    volatile int stallAfter = Integer.MAX_VALUE;

    public Mirror(Map<String, byte[]> files) throws IOException {
        this.files = files;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/set/", this::answer);
        server.start();
    }

    public URI uri() {
        return URI.create("http://localhost:" + server.getAddress().getPort() + "/set/");
    }

    /** The Range of each request, or "all". */
    List<String> requests() {
        return List.copyOf(requests);
    }

    /** Bytes of {@code file} sent so far. */
    int sent(String file) {
        return sent.getOrDefault(file, 0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String range = exchange.getRequestHeaders().getFirst("Range");
            requests.add(range == null ? "all" : range);
            String name = exchange.getRequestURI().getPath().replace("/set/", "");
            byte[] content = files.get(name);
            if (status != 200 || content == null) {
                exchange.sendResponseHeaders(status != 200 ? status : 404, -1);
                return;
            }
            int from = range == null || !ranges ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
            if (from >= content.length) {
                exchange.sendResponseHeaders(416, -1);
                return;
            }
            if (from > 0) {
                exchange.getResponseHeaders()
                        .set("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
            }
            exchange.sendResponseHeaders(from > 0 ? 206 : 200, content.length - from);
            send(exchange.getResponseBody(), name, content, from);
        }
    }

    private void send(OutputStream out, String name, byte[] content, int from) throws IOException {
        int length = Math.min(content.length - from, Math.min(breakAfter, stallAfter));
        out.write(content, from, length);
        out.flush();
        sent.merge(name, length, Integer::sum);
        if (stallAfter < content.length - from) {
            try {
                closed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
