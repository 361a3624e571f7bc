// ptx.h: what the simulator reads of a PTX text or a cubin: which kernels it holds and what they take.
#pragma once
#include <map>
#include <string>
#include <vector>

namespace cusim {

struct Ptx {
    int version = 0, target = 0;                            // 70 for .version 7.0, 80 for .target sm_80
    std::map<std::string, std::vector<int>> kernels;        // bytes of each parameter
};
bool readPtx(const char *text, Ptx &result);                // false: this is no PTX

bool isCubin(const char *image);
void readCubin(const char *image, Ptx &result);             // target is its architecture; version stays 0

}  // namespace cusim
