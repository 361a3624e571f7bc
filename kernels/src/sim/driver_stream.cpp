// driver_stream.cpp: streams, events and graphs.
#include <algorithm>

#include "driver.h"
#include "handles.h"
#include "memory.h"
#include "options.h"
#include "report.h"
#include "stream.h"

using namespace cusim;

static Handles<Event> events("event");
static Handles<Graph> graphs("graph");
static Handles<Graph> executables("executable graph");
static Handles<Node> nodesSeen("graph node");

static std::shared_ptr<Stream> get(void *handle) { return streamOf(handle); }

// ---- streams
API cuStreamCreateWithPriority(void **stream, unsigned flags, int priority) {
    LOCK;
    TRY(usable());
    *stream = newStream(flags, priority).get();
    return OK;
}

API cuStreamCreate(void **stream, unsigned flags) { return cuStreamCreateWithPriority(stream, flags, 0); }

API cuStreamDestroy_v2(void *handle) {
    LOCK;
    TRY(initialized());
    auto s = get(handle);
    if (!s || s == streams[0]) return INVALID_HANDLE;
    waitFor(s, s->queued);
    streams.erase(std::find(streams.begin(), streams.end(), s));
    return OK;
}

API cuStreamSynchronize(void *handle) {
    LOCK;
    TRY(usable());
    auto s = get(handle);
    if (!s) return INVALID_HANDLE;
    if (s->capture) s->capture->invalid = true;
    if (s->capture) return report(CAPTURE_UNSUPPORTED, "cuStreamSynchronize of a stream that is captured");
    TRY(refuseWhileCapturing("cuStreamSynchronize"));
    TRY(waitFor(s, s->queued));
    if (int code = checkRedZones()) breakContext(code);
    return usable();
}

API cuStreamQuery(void *handle) {
    LOCK;
    TRY(usable());
    auto s = get(handle);
    if (!s) return INVALID_HANDLE;
    TRY(refuseWhileCapturing("cuStreamQuery"));
    progress();
    return s->done == s->queued ? usable() : (int)NOT_READY;
}

API cuStreamGetFlags(void *handle, unsigned *flags) {
    LOCK;
    auto s = get(handle);
    if (s) *flags = s->flags;
    return s ? OK : INVALID_HANDLE;
}

API cuStreamGetPriority(void *handle, int *priority) {
    LOCK;
    auto s = get(handle);
    if (s) *priority = s->priority;
    return s ? OK : INVALID_HANDLE;
}

API cuStreamWaitEvent(void *handle, void *eventHandle, unsigned) {
    LOCK;
    TRY(usable());
    auto s = get(handle);
    auto event = events.find(eventHandle);
    if (!s || !event) return INVALID_HANDLE;
    if (event->captured) return join(*s, *event);
    if (s->capture) {
        s->capture->invalid = true;
        return report(905, "cuStreamWaitEvent: a captured stream cannot wait for an event from outside the capture");
    }
    if (event->stream) s->next.push_back({event->stream, event->number});
    return OK;
}

API cuLaunchHostFunc(void *handle, void (*fn)(void *), void *argument) {
    LOCK;
    return submit(handle, NodeType::HOST, [=]() -> int {
        fn(argument);
        return OK;
    });
}

// ---- events
API cuEventCreate(void **event, unsigned) {
    LOCK;
    TRY(usable());
    *event = events.add(std::make_shared<Event>());
    return OK;
}

API cuEventDestroy_v2(void *event) {
    LOCK;
    return events.remove(event) ? OK : INVALID_HANDLE;
}

API cuEventRecord(void *eventHandle, void *handle) {
    LOCK;
    TRY(usable());
    auto s = get(handle);
    auto event = events.find(eventHandle);
    if (!s || !event) return INVALID_HANDLE;
    event->captured = s->capture != nullptr;
    event->capture = s->capture;
    event->frontier = s->frontier;
    if (event->captured) return OK;
    auto time = std::make_shared<std::chrono::steady_clock::time_point>();
    TRY(submit(handle, NodeType::HOST, [time]() -> int {
        *time = std::chrono::steady_clock::now();
        return OK;
    }));
    event->time = time;
    event->stream = s;
    event->number = s->queued;
    return OK;
}

API cuEventRecordWithFlags(void *event, void *stream, unsigned) { return cuEventRecord(event, stream); }

static int refuseCaptured(const Event &event, const char *what) {
    return event.captured ? report(907, "%s: the event was last recorded in a captured stream", what) : (int)OK;
}

API cuEventSynchronize(void *handle) {
    LOCK;
    TRY(usable());
    auto event = events.find(handle);
    if (!event) return INVALID_HANDLE;
    TRY(refuseCaptured(*event, "cuEventSynchronize"));
    TRY(refuseWhileCapturing("cuEventSynchronize"));
    if (!event->stream) return OK;
    TRY(waitFor(event->stream, event->number));
    if (int code = checkRedZones()) breakContext(code);
    return usable();
}

API cuEventQuery(void *handle) {
    LOCK;
    TRY(usable());
    auto event = events.find(handle);
    if (!event) return INVALID_HANDLE;
    TRY(refuseCaptured(*event, "cuEventQuery"));
    TRY(refuseWhileCapturing("cuEventQuery"));
    progress();
    bool done = !event->stream || event->stream->done >= event->number;
    return done ? usable() : (int)NOT_READY;
}

API cuEventElapsedTime(float *milliseconds, void *startHandle, void *endHandle) {
    LOCK;
    TRY(usable());
    auto start = events.find(startHandle), end = events.find(endHandle);
    if (!start || !end) return INVALID_HANDLE;
    if (!start->stream || !end->stream) return report(INVALID_HANDLE, "cuEventElapsedTime: an event was never recorded");
    for (auto &e : {start, end})
        if (e->stream->done < e->number) return NOT_READY;
    *milliseconds = std::chrono::duration<float, std::milli>(*end->time - *start->time).count();
    return OK;
}

// ---- capture
API cuStreamBeginCapture_v2(void *handle, int mode) {
    LOCK;
    TRY(usable());
    auto s = get(handle);
    if (!s) return INVALID_HANDLE;
    if (s == streams[0]) return report(CAPTURE_UNSUPPORTED, "the null stream cannot be captured");
    if (s->capture) return report(INVALID_VALUE, "cuStreamBeginCapture: the stream is captured already");
    beginCapture(*s, mode);
    return OK;
}

API cuStreamIsCapturing(void *handle, int *status) {
    LOCK;
    auto s = get(handle);
    if (!s) return INVALID_HANDLE;
    *status = !s->capture ? 0 : s->capture->invalid ? 2 : 1;
    return OK;
}

API cuStreamEndCapture(void *handle, void **result) {
    LOCK;
    *result = nullptr;
    auto s = get(handle);
    if (!s) return INVALID_HANDLE;
    std::unique_ptr<Graph> graph;
    TRY(endCapture(*s, graph));
    *result = graphs.add(std::move(graph));
    return OK;
}

API cuThreadExchangeStreamCaptureMode(int *mode) {
    *mode = 0;
    return report(NOT_SUPPORTED, "cuThreadExchangeStreamCaptureMode is not simulated");
}

// ---- graphs
API cuGraphGetNodes(void *handle, void **nodes, size_t *count) {
    LOCK;
    auto graph = graphs.find(handle);
    if (!graph) return INVALID_HANDLE;
    if (nodes) {
        size_t shown = std::min(*count, graph->nodes.size());
        for (size_t i = 0; i < shown; i++) nodes[i] = nodesSeen.add(graph->nodes[i]);
    }
    *count = graph->nodes.size();
    return OK;
}

API cuGraphNodeGetType(void *handle, int *type) {
    LOCK;
    auto node = nodesSeen.find(handle);
    if (node) *type = (int)node->type;
    return node ? OK : INVALID_HANDLE;
}

API cuGraphInstantiateWithFlags(void **result, void *handle, unsigned long long) {
    LOCK;
    TRY(usable());
    auto graph = graphs.find(handle);
    if (!graph) return INVALID_HANDLE;
    *result = executables.add(std::make_shared<Graph>(*graph));
    return OK;
}

API cuGraphUpload(void *executable, void *) {
    LOCK;
    return executables.find(executable) ? usable() : (int)INVALID_HANDLE;
}

API cuGraphLaunch(void *handle, void *stream) {
    LOCK;
    auto graph = executables.find(handle);
    if (!graph) return INVALID_HANDLE;
    return submit(stream, NodeType::GRAPH, [graph] { return runGraph(*graph); });
}

API cuGraphDestroy(void *graph) {
    LOCK;
    return graphs.remove(graph) ? OK : INVALID_HANDLE;
}

API cuGraphExecDestroy(void *executable) {
    LOCK;
    return executables.remove(executable) ? OK : INVALID_HANDLE;
}
