// stream.h: streams, events, captures and graphs.
//
// A stream is a queue of numbered operations. An operation may depend on operations of other streams: (stream, number).
// That one relation carries all order: an event is the pair that it recorded, waiting for it adds the pair to the
// stream's next operation, the null stream and the streams that synchronise with it depend on each other.
// Normally an operation runs as soon as it is queued. In deferred mode it stays until somebody waits for it.
#pragma once
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "driver.h"

namespace cusim {

typedef std::function<int()> Work;      // 0 or a driver code

enum class NodeType { KERNEL = 0, COPY = 1, FILL = 2, HOST = 3, GRAPH = 4 };       // CUgraphNodeType

struct Node {
    NodeType type;
    Work work;
    std::vector<int> after;             // numbers of earlier nodes
};

struct Graph {
    std::vector<std::shared_ptr<Node>> nodes;
};
int runGraph(const Graph &graph);

struct Stream;

struct Capture {
    Graph graph;
    Stream *origin;
    int mode;                           // 0 global, 1 thread-local, 2 relaxed
    std::thread::id thread;
    bool invalid = false;
    std::vector<Stream *> streams;
};

struct Dependency {
    std::shared_ptr<Stream> stream;
    uint64_t number;
    bool met() const;
};

struct Operation {
    Work work;
    std::vector<Dependency> after;
};

struct Stream {
    bool blocking = true;               // orders itself with the null stream
    unsigned flags = 0;
    int priority = 0;
    std::deque<Operation> queue;
    uint64_t queued = 0, done = 0;      // numbers of the last operation
    std::vector<Dependency> next;       // what the next operation must wait for
    std::shared_ptr<Capture> capture;
    std::vector<int> frontier;          // last nodes of the capture in this stream
};

struct Event {
    std::shared_ptr<Stream> stream;     // null: never recorded
    uint64_t number = 0;
    std::shared_ptr<std::chrono::steady_clock::time_point> time;
    std::weak_ptr<Capture> capture;     // recorded in a capture
    bool captured = false;
    std::vector<int> frontier;
};

extern std::vector<std::shared_ptr<Stream>> streams;        // [0] is the null stream
std::shared_ptr<Stream> streamOf(void *handle);             // null: no such stream
std::shared_ptr<Stream> newStream(unsigned flags, int priority);

int submit(void *stream, NodeType type, Work work);         // queue or record
int submitAndWait(NodeType type, Work work, const char *what);     // a synchronous call, in the null stream
int waitFor(const std::shared_ptr<Stream> &stream, uint64_t number);
int waitForAll();
void progress();                                            // deferred mode: perhaps run one operation
void dropWork();                                            // of a broken or reset context

// capture.cpp
int addNode(Stream &stream, NodeType type, Work work);
int join(Stream &stream, const Event &event);
int endCapture(Stream &stream, std::unique_ptr<Graph> &graph);
void beginCapture(Stream &stream, int mode);
int refuseWhileCapturing(const char *what);                 // for calls that are unsafe then; also spoils the capture
int refuseNullStreamWhileCapturing(const char *what);
bool capturingAnywhere();

}  // namespace cusim
