// ptx.cpp: a PTX module begins with .version and .target; a kernel is ".entry name( .param .u64 name_param_0, ... )".
#include "ptx.h"

#include <cctype>
#include <cstdlib>
#include <cstring>

namespace cusim {
namespace {

int afterWord(const std::string &text, const char *word) {          // ".version 7.0" -> 70
    size_t at = text.find(word);
    if (at == std::string::npos) return 0;
    int number = 0;
    for (at += strlen(word); at < text.size() && !isdigit(text[at]); at++)
        if (text[at] == '\n') return 0;
    for (; at < text.size() && (isdigit(text[at]) || text[at] == '.'); at++)
        if (text[at] != '.') number = number * 10 + (text[at] - '0');
    return number;
}

int bytesOf(const std::string &parameter) {             // ".param .align 8 .b8 name[48]" or ".param .u64 name"
    size_t bracket = parameter.find('[');
    if (bracket != std::string::npos) return atoi(parameter.c_str() + bracket + 1);
    for (const char *type : {".u", ".s", ".f", ".b"}) {
        for (size_t at = 0; (at = parameter.find(type, at)) != std::string::npos; at++)
            if (isdigit(parameter[at + 2])) return atoi(parameter.c_str() + at + 2) / 8;
    }
    return 0;
}

std::vector<int> parametersOf(const std::string &list) {
    std::vector<int> result;
    size_t at = 0;
    while ((at = list.find(".param", at)) != std::string::npos) {
        size_t end = list.find(',', at);
        result.push_back(bytesOf(list.substr(at, end == std::string::npos ? end : end - at)));
        at += 6;
    }
    return result;
}

}  // namespace

bool readPtx(const char *image, Ptx &result) {
    std::string text(image);
    if (text.find(".version") == std::string::npos || text.find(".target") == std::string::npos) return false;
    result.version = afterWord(text, ".version");
    result.target = afterWord(text, ".target");
    for (size_t at = 0; (at = text.find(".entry", at)) != std::string::npos;) {
        at += 6;
        while (at < text.size() && isspace(text[at])) at++;
        size_t end = at;
        while (end < text.size() && (isalnum(text[end]) || text[end] == '_' || text[end] == '$')) end++;
        size_t open = text.find_first_not_of(" \t\n", end), close = text.find(')', end);
        bool takesSome = open != std::string::npos && text[open] == '(';
        result.kernels[text.substr(at, end - at)] =
            takesSome ? parametersOf(text.substr(open, close - open)) : std::vector<int>();
    }
    return true;
}

}  // namespace cusim
