// mutate.cpp: plants every mistake the tests must notice, all at once, each behind a switch.
//
//   mutate IN.cu OUT.cu FIRST_ID
//
// writes IN to OUT with these places made switchable, and prints one line for each: id, kind, line, text of the line with the
// mistake in it.
//   sync    __syncthreads() or __syncwarp(): left out
//   bound   a < b in a condition or loop: a <= b
//   guard   if (...) return / continue / break: never taken;   if (...) statement: always taken
// A kernel runs unchanged until CUSIM_MUTANT names an id, so that one build serves all mutants of all kernels.
// mutants.h has the other half: MUTANT_SYNC, the named operator <MUTANT_BOUND(id)>, MUTANT_GUARD and MUTANT_SKIP.
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>
#include <string>

namespace {

// The source with comments, strings and preprocessor lines blanked: what may be searched for code.
std::string codeOnly(std::string text) {
    enum { CODE, LINE_COMMENT, COMMENT, STRING, DIRECTIVE } state = CODE;
    bool lineIsBlank = true;
    for (size_t i = 0; i < text.size(); i++) {
        const char c = text[i];
        const char next = i + 1 < text.size() ? text[i + 1] : '\0';
        if (state == CODE) {
            if (c == '/' && next == '/') state = LINE_COMMENT;
            else if (c == '/' && next == '*') state = COMMENT;
            else if (c == '"') state = STRING;
            else if (c == '#' && lineIsBlank) state = DIRECTIVE;
        } else if (state == STRING && c == '"' && text[i - 1] != '\\') {
            state = CODE;
        } else if (state == COMMENT && c == '*' && next == '/') {
            text[i] = text[i + 1] = ' ';
            i++;
            state = CODE;
            continue;
        } else if (c == '\n' && (state == LINE_COMMENT || (state == DIRECTIVE && text[i - 1] != '\\'))) {
            state = CODE;
        }
        lineIsBlank = c == '\n' || (lineIsBlank && std::isspace((unsigned char)c));
        if (state != CODE && c != '\n') text[i] = ' ';
    }
    return text;
}

class Mutator {
public:
    Mutator(std::string source, int firstId) : source(std::move(source)), code(codeOnly(this->source)), id(firstId) {}

    std::string run() {
        size_t at = 0;
        while (at < code.size()) {
            size_t used = 0;
            if (starts(at, "__syncthreads()") || starts(at, "__syncwarp(")) used = sync(at);
            else if (starts(at, " < ")) used = bound(at);
            else if (starts(at, "if (") && !isWord(at)) used = guard(at);
            if (used == 0) {
                if (closes.erase(at) > 0) out += ')';
                out += source[at];
                used = 1;
            }
            at += used;
        }
        return out;
    }

private:
    const std::string source, code;
    int id;
    std::string out;
    std::set<size_t> closes;  // conditions that got one more parenthesis end here

    bool starts(size_t at, const std::string &word) const { return code.compare(at, word.size(), word) == 0; }

    bool isWord(size_t at) const { return at > 0 && (std::isalnum((unsigned char)code[at - 1]) || code[at - 1] == '_'); }

    std::string lineOf(size_t at) const {
        const size_t begin = source.rfind('\n', at) + 1;
        const std::string line = source.substr(begin, source.find('\n', at) - begin);
        const size_t first = line.find_first_not_of(' ');
        return first == std::string::npos ? line : line.substr(first);
    }

    // lineOf a place, with something put in there.
    std::string lineWith(size_t at, const std::string &more) const {
        const std::string line = lineOf(at);
        const size_t behind = source.find('\n', at) - at;
        return line.substr(0, line.size() - behind) + more + line.substr(line.size() - behind);
    }

    int report(const char *kind, size_t at, const std::string &text) {
        const auto number = 1 + std::count(source.begin(), source.begin() + at, '\n');
        std::cout << id << '\t' << kind << '\t' << number << '\t' << text << '\n';
        return id++;
    }

    // A constant expression cannot hang on a run-time switch.
    bool isConstant(size_t at) const {
        const std::string line = lineOf(at);
        return line.find("constexpr") != std::string::npos || line.find("static_assert") != std::string::npos
                || line.find("template") != std::string::npos;
    }

    size_t closing(size_t open) const {
        int depth = 0;
        for (size_t i = open; i < code.size(); i++) {
            depth += (code[i] == '(') - (code[i] == ')');
            if (depth == 0) return i;
        }
        std::cerr << "mutate: a parenthesis is never closed: " << lineOf(open) << '\n';
        std::exit(1);
    }

    size_t sync(size_t at) {
        const size_t end = closing(code.find('(', at)) + 1;
        out += "MUTANT_SYNC(" + std::to_string(report("sync", at, lineOf(at))) + ", " + source.substr(at, end - at) + ")";
        return end - at;
    }

    size_t bound(size_t at) {
        if (isConstant(at)) return 0;
        out += " <MUTANT_BOUND(" + std::to_string(report("bound", at, lineWith(at + 2, "="))) + ")> ";
        return 3;
    }

    // if (c) becomes if (MUTANT_GUARD(id)(c)): what is inside c is still to be read.
    size_t guard(size_t at) {
        if (isConstant(at)) return 0;
        const size_t open = at + 3;
        const size_t end = closing(open);
        size_t body = end + 1;
        while (std::isspace((unsigned char)code[body]) || code[body] == '{') body++;
        const bool leaves = starts(body, "return") || starts(body, "continue") || starts(body, "break");
        const std::string number = std::to_string(report("guard", at, lineOf(at)));
        out += (leaves ? "if (MUTANT_GUARD(" : "if (MUTANT_SKIP(") + number + ")(";
        closes.insert(end);
        return open + 1 - at;
    }
};

}  // namespace

int main(int argc, char **argv) {
    if (argc != 4) {
        std::cerr << "usage: mutate IN.cu OUT.cu FIRST_ID\n";
        return 2;
    }
    std::ifstream in(argv[1]);
    std::stringstream text;
    text << in.rdbuf();
    std::ofstream file(argv[2]);
    file << "#include \"mutants.h\"\n#line 1 \"" << argv[1] << "\"\n" << Mutator(text.str(), std::atoi(argv[3])).run();
    if (!in || !file.flush()) {
        std::cerr << "mutate: cannot read " << argv[1] << " or write " << argv[2] << '\n';
        return 1;
    }
}
