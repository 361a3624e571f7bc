// workers.h: the cores. One thread per core, started when first needed; the caller is the first of them.
#pragma once
#include <functional>

namespace cusim {

int workerCount();                                          // by the option THREADS, else the number of cores
void onAllWorkers(const std::function<void(int worker)> &body);     // returns when all have returned

}  // namespace cusim
