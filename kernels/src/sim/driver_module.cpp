// driver_module.cpp: modules, functions and launches. A module's image says which kernels there are; what runs are the
// kernels compiled into this library, and the two must agree on every parameter.
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "driver.h"
#include "handles.h"
#include "launch.h"
#include "memory.h"
#include "options.h"
#include "ptx.h"
#include "report.h"
#include "stream.h"

using namespace cusim;

namespace cusim {
static std::map<std::string, const Kernel *> &kernels() {
    static std::map<std::string, const Kernel *> all;
    return all;
}
void registerKernel(const Kernel *kernel) {
    if (!kernels().emplace(kernel->name, kernel).second)
        report(0, "two kernels are called %s: %s and %s", kernel->name, kernels()[kernel->name]->file, kernel->file);
}
const Kernel *findKernel(const char *name) {
    auto i = kernels().find(name);
    return i == kernels().end() ? nullptr : i->second;
}
}  // namespace cusim

namespace {

constexpr int DEFAULT_SHARED = 48 << 10;            // bytes per block, unless cuFuncSetAttribute allows more

struct Function;
struct Module {
    Ptx ptx;
    std::map<std::string, std::shared_ptr<Function>> functions;
};
struct Function {
    const Kernel *kernel;
    Module *module;
    int mostDynamic = DEFAULT_SHARED;
};
struct Link {
    std::string text;           // of all images, and then the "cubin": the text behind a mark
};

Handles<Module> modules("module");
Handles<Function> functions("function");
Handles<Link> links("link");

const char CUBIN_MARK[] = "// CUDA simulator cubin\n";

// The newest PTX that a driver takes: 7.x for CUDA 11.x, 8.x for 12.x, 9.x for 13.x (roughly: release notes of PTX).
int newestPtx(long driverVersion) { return (int)(driverVersion / 1000 - 4) * 10 + (int)(driverVersion % 1000 / 10); }

// As ptxas of CUDA 13 makes them: for drivers of CUDA 13, and for the architecture's own major version from its minor on.
int checkCubin(const char *image, Ptx &cubin) {
    if (options.DRIVER_VERSION < 13000 || options.REFUSE_CUBINS)
        return report(INVALID_IMAGE, "a driver of version %ld takes no cubin of CUDA 13", options.DRIVER_VERSION);
    readCubin(image, cubin);
    if (cubin.target / 10 == options.CAPABILITY / 10 && cubin.target <= options.CAPABILITY) return OK;
    return report(NO_BINARY_FOR_GPU, "the cubin is for sm_%d, the device is sm_%ld", cubin.target, options.CAPABILITY);
}

int checkImage(const char *image, Ptx &ptx) {
    if (!image) return INVALID_VALUE;
    if (isCubin(image)) return checkCubin(image, ptx);
    if (!readPtx(image, ptx)) return report(INVALID_IMAGE, "the module's image is no PTX");
    if (ptx.version > newestPtx(options.DRIVER_VERSION)) {
        return report(UNSUPPORTED_PTX_VERSION, "PTX %d.%d is newer than driver version %ld takes", ptx.version / 10,
                      ptx.version % 10, options.DRIVER_VERSION);
    }
    if (ptx.target > options.CAPABILITY)
        return report(NO_BINARY_FOR_GPU, "the PTX is for sm_%d, the device is sm_%ld", ptx.target, options.CAPABILITY);
    return OK;
}

int checkParameters(const Kernel &k, const std::vector<int> &inPtx) {
    bool same = (int)inPtx.size() == k.parameters;
    for (int i = 0; same && i < k.parameters; i++) same = inPtx[(size_t)i] == k.size[i];
    if (same) return OK;
    return report(INVALID_IMAGE, "kernel %s takes other parameters in the PTX (%zu) than in its source (%d): compile the PTX anew",
                  k.name, inPtx.size(), k.parameters);
}

}  // namespace

// ---- modules
API cuModuleLoadDataEx(void **module, const void *image, unsigned, int *, void **) {
    LOCK;
    TRY(usable());
    TRY(refuseWhileCapturing("cuModuleLoadDataEx"));
    if (options.MODULE_STATUS) return (int)options.MODULE_STATUS;
    auto loaded = std::make_shared<Module>();
    TRY(checkImage((const char *)image, loaded->ptx));
    *module = modules.add(loaded);
    return OK;
}

API cuModuleLoadData(void **module, const void *image) { return cuModuleLoadDataEx(module, image, 0, nullptr, nullptr); }

API cuModuleUnload(void *handle) {
    LOCK;
    TRY(initialized());
    auto module = modules.find(handle);
    if (!module) return INVALID_HANDLE;
    for (auto &[name, function] : module->functions) functions.remove(function.get());
    modules.remove(handle);
    return OK;
}

API cuModuleGetFunction(void **result, void *handle, const char *name) {
    LOCK;
    TRY(usable());
    auto module = modules.find(handle);
    if (!module) return INVALID_HANDLE;
    auto inPtx = module->ptx.kernels.find(name);
    if (inPtx == module->ptx.kernels.end()) return report(NOT_FOUND, "no kernel %s in the module", name);
    const Kernel *kernel = findKernel(name);
    if (!kernel) return report(NOT_FOUND, "kernel %s is in the PTX, but not among the simulator's sources", name);
    TRY(checkParameters(*kernel, inPtx->second));
    auto &function = module->functions[name];
    if (!function) {
        function = std::make_shared<Function>(Function{kernel, module.get()});
        functions.add(function);
    }
    *result = function.get();
    return OK;
}

// ---- linking: PTX in, a "cubin" out that cuModuleLoadData takes again
API cuLinkCreate_v2(unsigned, int *, void **, void **link) {
    LOCK;
    TRY(usable());
    *link = links.add(std::make_shared<Link>());
    return OK;
}

API cuLinkAddData_v2(void *handle, int, void *data, size_t bytes, const char *, unsigned, int *, void **) {
    LOCK;
    auto link = links.find(handle);
    if (!link) return INVALID_HANDLE;
    std::string text((const char *)data, strnlen((const char *)data, bytes));
    Ptx ptx;
    TRY(checkImage(text.c_str(), ptx));
    link->text += text;
    return OK;
}

API cuLinkComplete(void *handle, void **cubin, size_t *bytes) {
    LOCK;
    auto link = links.find(handle);
    if (!link) return INVALID_HANDLE;
    link->text = CUBIN_MARK + link->text;
    *cubin = link->text.data();
    *bytes = link->text.size() + 1;                 // with the closing zero
    return OK;
}

API cuLinkDestroy(void *handle) {
    LOCK;
    return links.remove(handle) ? OK : INVALID_HANDLE;
}

// ---- functions
enum FunctionAttribute { MAX_THREADS = 0, SHARED_BYTES = 1, REGISTERS = 4, PTX_VERSION = 5, BINARY_VERSION = 6, MAX_DYNAMIC = 8 };

API cuFuncSetAttribute(void *handle, int attribute, int value) {
    LOCK;
    auto function = functions.find(handle);
    if (!function) return INVALID_HANDLE;
    if (attribute == MAX_DYNAMIC && (value < 0 || value > optInShared())) {
        return report(INVALID_VALUE, "%s: %d bytes of dynamic shared memory, a block may have %d", function->kernel->name, value,
                      optInShared());
    }
    if (attribute == MAX_DYNAMIC) function->mostDynamic = value;
    return OK;
}

API cuFuncGetAttribute(int *value, int attribute, void *handle) {
    LOCK;
    auto function = functions.find(handle);
    if (!function) return INVALID_HANDLE;
    switch (attribute) {
        case MAX_THREADS: *value = MOST_THREADS; break;
        case REGISTERS: *value = 32; break;
        case PTX_VERSION: case BINARY_VERSION: *value = (int)options.CAPABILITY; break;
        case MAX_DYNAMIC: *value = function->mostDynamic; break;
        default: *value = 0; break;
    }
    return OK;
}

API cuFuncSetCacheConfig(void *, int) { return usable(); }

API cuFuncGetModule(void **module, void *handle) {
    LOCK;
    auto function = functions.find(handle);
    if (!function) return INVALID_HANDLE;
    *module = function->module;
    return OK;
}

API cuOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, void *handle, int threads, size_t) {
    LOCK;
    if (!functions.find(handle) || threads < 1) return INVALID_VALUE;
    *blocks = 2048 / threads;
    return OK;
}

// ---- launches
static int checkShape(const Function &f, dim3 grid, dim3 block, unsigned dynamicBytes) {
    const char *name = f.kernel->name;
    uint64_t threads = (uint64_t)block.x * block.y * block.z;
    if (threads == 0 || threads > MOST_THREADS || block.z > 64)
        return report(INVALID_VALUE, "kernel %s: a block of (%u,%u,%u) threads", name, block.x, block.y, block.z);
    if (!grid.x || !grid.y || !grid.z || grid.x > 0x7fffffff || grid.y > 65535 || grid.z > 65535)
        return report(INVALID_VALUE, "kernel %s: a grid of (%u,%u,%u) blocks", name, grid.x, grid.y, grid.z);
    if (dynamicBytes > (unsigned)f.mostDynamic) {
        return report(INVALID_VALUE, "kernel %s: %u bytes of dynamic shared memory, %d allowed (cuFuncSetAttribute)", name,
                      dynamicBytes, f.mostDynamic);
    }
    return OK;
}

static std::mutex launchedMutex;
static std::set<const Kernel *> launched;

static int run(const Launch &launch) {
    {
        std::lock_guard<std::mutex> lock(launchedMutex);
        launched.insert(launch.kernel);
    }
    Fault fault = runGrid(launch);
    if (!fault.text.empty()) return report(fault.badAddress ? ILLEGAL_ADDRESS : LAUNCH_FAILED, "%s", fault.text.c_str());
    return checkRedZones(launch.kernel->name, launch.arguments, launch.kernel->bytes);
}

API cuLaunchKernel(void *handle, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY,
                   unsigned blockZ, unsigned dynamicBytes, void *stream, void **parameters, void **extra) {
    LOCK;
    TRY(usable());
    auto function = functions.find(handle);
    if (!function) return INVALID_HANDLE;
    const Kernel *k = function->kernel;
    dim3 grid{gridX, gridY, gridZ}, block{blockX, blockY, blockZ};
    TRY(checkShape(*function, grid, block, dynamicBytes));
    if (extra || (k->parameters && !parameters)) return report(INVALID_VALUE, "kernel %s: kernelParams expected", k->name);
    std::shared_ptr<char[]> arguments(new char[(size_t)k->bytes + 16]);
    for (int i = 0; i < k->parameters; i++) {
        if (!parameters[i]) return report(INVALID_VALUE, "kernel %s: parameter %d is missing", k->name, i);
        memcpy(arguments.get() + k->offset[i], parameters[i], k->size[i]);
    }
    unsigned mostShared = function->mostDynamic > DEFAULT_SHARED ? optInShared() : DEFAULT_SHARED;
    return submit(stream, NodeType::KERNEL, [=] {
        return run(Launch{k, grid, block, dynamicBytes, mostShared, arguments.get()});
    });
}

EXPORTED const char *cusim_never_launched(const char *folder) {
    static std::string names;
    std::lock_guard<std::mutex> lock(launchedMutex);
    names.clear();
    for (auto &[name, kernel] : kernels())
        if (strstr(kernel->file, folder) && !launched.count(kernel)) names += name + "\n";
    return names.c_str();
}
