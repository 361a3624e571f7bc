// translate.cpp: IN.cu OUT.cpp - makes a CUDA source compile under device_side.h.
//
// Two things cannot be said with macros: a __shared__ variable lives in the block, not in the function; and the kernels
// have to be listed by name. So every
//     __shared__ float tile[32][33];          becomes a reference to its place in the block's shared memory,
//     extern __shared__ float4 rows[];        a pointer to the launch's dynamic shared memory,
// and every extern "C" __global__ function gets a CUSIM_KERNEL line at the end. All else, and every line number, stays.
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace {

struct Token {
    enum Kind { SPACE, WORD, OTHER } kind;      // SPACE: also comments; OTHER: strings, numbers, signs
    std::string text;
};

std::string path;

size_t endOfQuoted(const std::string &s, size_t at) {
    char quote = s[at++];
    while (at < s.size() && s[at] != quote && s[at] != '\n') at += s[at] == '\\' ? 2 : 1;
    return at + 1;
}

std::vector<Token> split(const std::string &s) {
    std::vector<Token> tokens;
    auto word = [](char c) { return isalnum((unsigned char)c) || c == '_'; };
    for (size_t at = 0, end; at < s.size(); at = end) {
        Token::Kind kind = Token::OTHER;
        end = at + 1;
        if (isspace((unsigned char)s[at])) {
            kind = Token::SPACE;
        } else if (s.compare(at, 2, "//") == 0) {
            kind = Token::SPACE;
            end = std::min(s.find('\n', at), s.size());
        } else if (s.compare(at, 2, "/*") == 0) {
            kind = Token::SPACE;
            size_t close = s.find("*/", at + 2);
            end = close == std::string::npos ? s.size() : close + 2;
        } else if (s[at] == '"' || (s[at] == '\'' && (at == 0 || !word(s[at - 1])))) {
            end = endOfQuoted(s, at);
        } else if (word(s[at])) {
            kind = isdigit((unsigned char)s[at]) ? Token::OTHER : Token::WORD;
            while (end < s.size() && word(s[end])) end++;
        }
        tokens.push_back({kind, s.substr(at, end - at)});
    }
    return tokens;
}

size_t skipSpace(const std::vector<Token> &t, size_t i) {
    while (i < t.size() && t[i].kind == Token::SPACE) i++;
    return i;
}

[[noreturn]] void refuse(const std::vector<Token> &tokens, size_t at, const char *why) {
    int line = 1;
    for (size_t i = 0; i < at && i < tokens.size(); i++)
        for (char c : tokens[i].text) line += c == '\n';
    std::cerr << path << ":" << line << ": error: " << why << "\n";
    exit(1);
}

std::string parenthesised(const std::vector<Token> &t, size_t &i) {         // at "("; leaves i behind ")"
    std::string inside;
    int depth = 0;
    do {
        if (t[i].text == "(") depth++;
        if (t[i].text == ")") depth--;
        inside += t[i++].text;
    } while (depth && i < t.size());
    return inside;
}

// From __shared__ to the semicolon. Writes what stands for it and returns the position behind.
size_t sharedDeclaration(const std::vector<Token> &t, size_t at, bool dynamic, std::string &out) {
    std::string type, name, extents, newlines, alignment = "16";
    size_t i = at + 1;
    for (; i < t.size() && t[i].text != ";"; i++) {
        for (char c : t[i].text)
            if (c == '\n') newlines += '\n';
        if (t[i].kind == Token::SPACE) continue;
        if (t[i].text == "__align__" || t[i].text == "alignas") {
            i = skipSpace(t, i + 1);
            alignment = parenthesised(t, i);
            i--;
        } else if (t[i].text == "[") {
            while (t[i].text != "]") extents += t[i++].text;
            extents += "]";
        } else if (t[i].text == "," && type.find('<') == std::string::npos) {
            refuse(t, at, "one __shared__ variable per declaration, please");
        } else if (t[i].text == "=") {
            refuse(t, at, "a __shared__ variable cannot be initialised");
        } else {
            if (!name.empty()) type += (type.empty() ? "" : " ") + name;
            name = t[i].text;
        }
    }
    if (i == t.size() || name.empty() || type.empty()) refuse(t, at, "this __shared__ declaration is not understood");
    if (dynamic) {
        out += type + " *const " + name + " = (" + type + " *)cusim::dynamicShared();";
    } else {
        std::string pointer = "(" + type + " (*)" + extents + ")";
        out += "static const int cusim_site_" + name + " = cusim::newSharedSite(); auto &" + name + " = *" + pointer +
               "cusim::sharedVariable(cusim_site_" + name + ", sizeof(*" + pointer + "nullptr), " + alignment + ", \"" + name + "\", CUSIM_HERE);";
    }
    out += newlines;
    return i + 1;
}

// A line break that no backslash hides
bool endsLine(const std::vector<Token> &t, size_t i) {
    return t[i].kind == Token::SPACE && t[i].text.find('\n') != std::string::npos && (i == 0 || t[i - 1].text != "\\");
}

// extern "C" __global__ [attributes] void [attributes] NAME(
std::string kernelName(const std::vector<Token> &t, size_t i) {
    for (; i < t.size(); i++) {
        i = skipSpace(t, i);
        if (t[i].text == "__launch_bounds__" || t[i].text == "__maxnreg__") {
            i = skipSpace(t, i + 1);
            parenthesised(t, i);
            i--;
        } else if (t[i].kind == Token::WORD && t[i].text != "void" && t[i].text != "__global__") {
            return t[i].text;
        }
    }
    return "";
}

}  // namespace

int main(int count, char **arguments) {
    if (count != 3) {
        std::cerr << "translate IN.cu OUT.cpp\n";
        return 2;
    }
    path = arguments[1];
    std::ifstream in(path);
    if (!in) {
        std::cerr << path << ": cannot be read\n";
        return 1;
    }
    std::stringstream content;
    content << in.rdbuf();
    std::vector<Token> t = split(content.str());
    std::string out = "#line 1 \"" + path + "\"\n", kernels;
    bool inMacro = false;
    for (size_t i = 0; i < t.size();) {
        size_t next = skipSpace(t, i + 1);
        bool externShared = t[i].text == "extern" && next < t.size() && t[next].text == "__shared__";
        if (externShared || t[i].text == "__shared__") {
            i = sharedDeclaration(t, externShared ? next : i, externShared, out);
            continue;
        }
        inMacro = t[i].text == "#" || (inMacro && !endsLine(t, i));
        if (t[i].text == "extern" && next < t.size() && t[next].text == "\"C\"") {
            size_t after = skipSpace(t, next + 1);
            bool kernel = after < t.size() && t[after].text == "__global__";
            if (kernel && inMacro) refuse(t, i, "a kernel that a macro defines cannot be listed; write it out");
            if (kernel) kernels += "CUSIM_KERNEL(" + kernelName(t, after) + ")\n";
        }
        out += t[i++].text;
    }
    std::ofstream(arguments[2]) << out << "\n" << kernels;
    return 0;
}
