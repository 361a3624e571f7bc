// stream.cpp: queues, and who runs when.
#include "stream.h"

#include <algorithm>

#include "memory.h"
#include "options.h"
#include "report.h"

namespace cusim {

std::vector<std::shared_ptr<Stream>> streams{std::make_shared<Stream>()};

bool Dependency::met() const { return stream->done >= number; }

std::shared_ptr<Stream> streamOf(void *handle) {
    if ((uintptr_t)handle <= 2) return streams[0];          // null, CU_STREAM_LEGACY, CU_STREAM_PER_THREAD
    for (auto &s : streams)
        if (s.get() == handle) return s;
    report(0, "%p is no stream, or one that was destroyed", handle);
    return nullptr;
}

std::shared_ptr<Stream> newStream(unsigned flags, int priority) {
    auto s = std::make_shared<Stream>();
    s->flags = flags;
    s->blocking = !(flags & 1);                             // CU_STREAM_NON_BLOCKING
    s->priority = priority;
    streams.push_back(s);
    return s;
}

static bool canRun(const Stream &s) {
    return !s.queue.empty() &&
           std::all_of(s.queue.front().after.begin(), s.queue.front().after.end(), [](auto &d) { return d.met(); });
}

static void runFirst(Stream &s) {
    Operation operation = std::move(s.queue.front());
    s.queue.pop_front();
    int code = usable() ? OK : operation.work();            // a broken context runs nothing more
    s.done++;
    if (code) breakContext(code);
}

// The stream whose first operation has to run before anything can go on in s: follows what it depends on.
static Stream &neededFor(Stream &s) {
    Stream *at = &s;
    while (!canRun(*at)) {
        for (auto &d : at->queue.front().after)
            if (!d.met()) {
                at = d.stream.get();
                break;
            }
    }
    return *at;
}

static Stream *anyRunnable() {
    std::vector<Stream *> all;
    for (auto &s : streams)
        if (canRun(*s)) all.push_back(s.get());
    return all.empty() ? nullptr : all[randomNumber() % all.size()];
}

int waitFor(const std::shared_ptr<Stream> &stream, uint64_t number) {
    // Half of the waits run no more than they must, the other half mix in what other streams hold.
    bool lazy = !options.DEFERRED || randomNumber() % 2;
    while (stream->done < number) {
        Stream *other = lazy ? nullptr : anyRunnable();
        runFirst(other ? *other : neededFor(*stream));
    }
    return usable();
}

int waitForAll() {
    for (size_t i = 0; i < streams.size(); i++) waitFor(streams[i], streams[i]->queued);
    return usable();
}

void progress() {
    Stream *s = options.DEFERRED && randomNumber() % 2 ? anyRunnable() : nullptr;
    if (s) runFirst(*s);
}

void dropWork() {
    for (auto &s : streams) {
        s->queue.clear();
        s->done = s->queued;
        s->next.clear();
    }
}

static void queue(const std::shared_ptr<Stream> &s, Work work) {
    Operation operation{std::move(work), std::move(s->next)};
    s->next.clear();
    if (s == streams[0]) {
        for (auto &other : streams)
            if (other != s && other->blocking) operation.after.push_back({other, other->queued});
    } else if (s->blocking) {
        operation.after.push_back({streams[0], streams[0]->queued});
    }
    s->queue.push_back(std::move(operation));
    s->queued++;
}

int submit(void *handle, NodeType type, Work work) {
    TRY(usable());
    auto s = streamOf(handle);
    if (!s) return INVALID_HANDLE;
    if (s->capture) return addNode(*s, type, std::move(work));
    if (s == streams[0]) TRY(refuseNullStreamWhileCapturing("work in the null stream"));
    queue(s, std::move(work));
    return options.DEFERRED ? OK : waitFor(s, s->queued);
}

int submitAndWait(NodeType type, Work work, const char *what) {
    TRY(usable());
    TRY(refuseWhileCapturing(what));
    TRY(submit(nullptr, type, std::move(work)));
    return waitFor(streams[0], streams[0]->queued);
}

}  // namespace cusim

// ---- the interface of the simulated libraries
using namespace cusim;

API cusim_submit(void *stream, int (*fn)(void *), void *arg) {
    LOCK;
    std::shared_ptr<void> kept(arg, free);
    return submit(stream, NodeType::KERNEL, [fn, kept] { return fn(kept.get()); });
}

API cusim_synchronize(void *stream, const char *what) {
    LOCK;
    TRY(usable());
    auto s = streamOf(stream);
    if (!s) return INVALID_HANDLE;
    if (s->capture) s->capture->invalid = true;
    if (s->capture) return report(CAPTURE_UNSUPPORTED, "%s waits for a stream that is captured", what);
    TRY(refuseWhileCapturing(what));
    return waitFor(s, s->queued);
}
