// handles.h: the objects behind driver handles, so that a stale or wrong handle is found.
#pragma once
#include <memory>
#include <unordered_map>

#include "report.h"

namespace cusim {

template <class T>
class Handles {
public:
    explicit Handles(const char *kind) : kind(kind) {}

    void *add(std::shared_ptr<T> object) {
        void *handle = object.get();
        objects[handle] = std::move(object);
        return handle;
    }
    std::shared_ptr<T> find(void *handle) const {           // null, and says so, where there is none
        auto i = objects.find(handle);
        if (i != objects.end()) return i->second;
        report(0, "%p is no %s, or one that was destroyed", handle, kind);
        return nullptr;
    }
    bool remove(void *handle) { return find(handle) && objects.erase(handle); }

private:
    const char *kind;
    std::unordered_map<void *, std::shared_ptr<T>> objects;
};

}  // namespace cusim
