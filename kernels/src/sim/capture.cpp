// capture.cpp: recording what is submitted to streams as a graph, and what may not happen meanwhile.
#include <algorithm>
#include <set>

#include "options.h"
#include "report.h"
#include "stream.h"

namespace cusim {

static std::set<Capture *> active;

bool capturingAnywhere() { return !active.empty(); }

void beginCapture(Stream &s, int mode) {
    s.capture = std::make_shared<Capture>();
    s.capture->origin = &s;
    s.capture->mode = mode;
    s.capture->thread = std::this_thread::get_id();
    s.capture->streams = {&s};
    s.frontier.clear();
    active.insert(s.capture.get());
}

int addNode(Stream &s, NodeType type, Work work) {
    if (s.capture->invalid) return CAPTURE_INVALIDATED;
    auto &nodes = s.capture->graph.nodes;
    nodes.push_back(std::make_shared<Node>(Node{type, std::move(work), s.frontier}));
    s.frontier = {(int)nodes.size() - 1};
    return OK;
}

static void merge(std::vector<int> &into, const std::vector<int> &more) {
    for (int node : more)
        if (std::find(into.begin(), into.end(), node) == into.end()) into.push_back(node);
}

// A stream that waits for an event of a capture takes part in it from then on.
int join(Stream &s, const Event &event) {
    auto capture = event.capture.lock();
    if (!capture) return report(907, "cuStreamWaitEvent: the event was recorded in a capture that has ended");
    if (s.capture && s.capture != capture) return report(902, "cuStreamWaitEvent would merge two captures");
    if (!s.capture) {
        s.capture = capture;
        s.frontier.clear();
        capture->streams.push_back(&s);
    }
    merge(s.frontier, event.frontier);
    return OK;
}

// Every node must lead to the last nodes of the origin, or the graph's end would not wait for it.
static size_t unjoinedNodes(const Graph &graph, const std::vector<int> &last) {
    std::vector<bool> reached(graph.nodes.size());
    for (int node : last) reached[(size_t)node] = true;
    size_t count = 0;
    for (size_t i = graph.nodes.size(); i-- > 0;) {
        if (!reached[i]) count++;
        else
            for (int before : graph.nodes[i]->after) reached[(size_t)before] = true;
    }
    return count;
}

int endCapture(Stream &s, std::unique_ptr<Graph> &graph) {
    auto capture = s.capture;
    if (!capture) return report(INVALID_VALUE, "cuStreamEndCapture: the stream is not capturing");
    if (capture->origin != &s) return report(CAPTURE_UNMATCHED, "cuStreamEndCapture: another stream began this capture");
    active.erase(capture.get());
    for (Stream *taking : capture->streams) taking->capture = nullptr;
    if (capture->invalid) return CAPTURE_INVALIDATED;
    if (size_t loose = unjoinedNodes(capture->graph, s.frontier))
        return report(CAPTURE_UNJOINED, "cuStreamEndCapture: %zu operations of other streams were not waited for", loose);
    graph = std::make_unique<Graph>(std::move(capture->graph));
    return OK;
}

int refuseWhileCapturing(const char *what) {
    bool refused = false;
    for (Capture *c : active) {
        if (c->mode == 2 || (c->mode == 1 && c->thread != std::this_thread::get_id())) continue;
        refused = c->invalid = true;
    }
    return refused ? report(CAPTURE_UNSUPPORTED, "%s is not allowed while a stream is captured", what) : (int)OK;
}

int refuseNullStreamWhileCapturing(const char *what) {
    bool refused = false;
    for (Capture *c : active)
        for (Stream *s : c->streams)
            if (s->blocking) refused = c->invalid = true;
    return refused ? report(CAPTURE_IMPLICIT, "%s would wait for a stream that is captured", what) : (int)OK;
}

// Normally in the order of recording; in deferred mode in a random order that keeps what each node comes after.
int runGraph(const Graph &graph) {
    const auto &nodes = graph.nodes;
    if (!options.DEFERRED) {
        for (auto &node : nodes) TRY(node->work());
        return OK;
    }
    std::vector<bool> done(nodes.size());
    for (size_t count = 0; count < nodes.size(); count++) {
        std::vector<size_t> ready;
        for (size_t i = 0; i < nodes.size() && ready.size() < 8; i++) {
            auto &after = nodes[i]->after;
            if (!done[i] && std::all_of(after.begin(), after.end(), [&](int n) { return done[(size_t)n]; })) ready.push_back(i);
        }
        size_t chosen = ready[randomNumber() % ready.size()];
        TRY(nodes[chosen]->work());
        done[chosen] = true;
    }
    return OK;
}

}  // namespace cusim
