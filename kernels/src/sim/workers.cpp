// workers.cpp: a pool of threads that run one body at a time. The driver's lock is held around every use.
#include "workers.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "options.h"

namespace cusim {
namespace {

constexpr int MOST_WORKERS = 16;

class Pool {
public:
    void run(int count, const std::function<void(int)> &work) {
        std::unique_lock<std::mutex> lock(mutex);
        while (started < count - 1) {
            started++;
            // detached: they end with the process, whichever of its libraries is unloaded first
            std::thread([this, number = started] { serve(number); }).detach();
        }
        body = &work;
        wanted = count - 1;
        running = wanted;
        round++;
        wake.notify_all();
        lock.unlock();
        work(0);
        lock.lock();
        done.wait(lock, [this] { return running == 0; });
    }

private:
    void serve(int number) {
        std::unique_lock<std::mutex> lock(mutex);
        for (long seen = 0;;) {
            wake.wait(lock, [&] { return round != seen; });
            seen = round;
            if (number > wanted) continue;
            const auto *work = body;
            lock.unlock();
            (*work)(number);
            lock.lock();
            if (--running == 0) done.notify_one();
        }
    }

    std::mutex mutex;
    std::condition_variable wake, done;
    const std::function<void(int)> *body = nullptr;
    int started = 0, wanted = 0, running = 0;
    long round = 0;
};

}  // namespace

int workerCount() {
    static const long cores = (long)std::thread::hardware_concurrency();        // reads a file, and each launch asks
    long n = options.THREADS ? options.THREADS : cores;
    return (int)std::clamp(n, 1L, (long)MOST_WORKERS);
}

void onAllWorkers(const std::function<void(int)> &body) {
    static Pool *pool = new Pool;               // never destroyed: its threads still look at it when the process ends
    int count = workerCount();
    if (count == 1) body(0);
    else pool->run(count, body);
}

}  // namespace cusim
