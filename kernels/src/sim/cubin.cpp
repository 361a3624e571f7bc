// cubin.cpp: a cubin is an ELF file. Its flags name the architecture, a kernel is a section ".text.NAME", and
// ".nv.info.NAME" holds a record (format 4, attribute 0x17) for each parameter: index u32, ordinal u16, offset u16, and
// the bytes in the upper 14 bits of a u32.
#include <elf.h>

#include <cstring>

#include "ptx.h"

namespace cusim {
namespace {

constexpr unsigned char SIZED = 4, PARAMETER = 0x17;

std::vector<int> parametersOf(const char *info, size_t bytes) {
    std::vector<int> result;
    for (size_t at = 0; at + 4 <= bytes;) {
        unsigned char format = (unsigned char)info[at], attribute = (unsigned char)info[at + 1];
        uint16_t size;
        memcpy(&size, info + at + 2, sizeof size);
        at += 4;
        if (format != SIZED) continue;
        if (attribute == PARAMETER) {
            uint16_t ordinal;
            uint32_t packed;
            memcpy(&ordinal, info + at + 4, sizeof ordinal);
            memcpy(&packed, info + at + 8, sizeof packed);
            if (result.size() <= ordinal) result.resize(ordinal + 1u);
            result[ordinal] = (int)(packed >> 18);
        }
        at += size;
    }
    return result;
}

}  // namespace

bool isCubin(const char *image) { return memcmp(image, ELFMAG, SELFMAG) == 0; }

void readCubin(const char *image, Ptx &result) {
    Elf64_Ehdr header;
    memcpy(&header, image, sizeof header);
    result.target = (int)(header.e_flags >> 8 & 0xff);
    std::vector<Elf64_Shdr> sections(header.e_shnum);
    memcpy(sections.data(), image + header.e_shoff, sizeof(Elf64_Shdr) * sections.size());
    const char *names = image + sections[header.e_shstrndx].sh_offset;
    for (auto &s : sections) {
        std::string name = names + s.sh_name;
        if (name.rfind(".text.", 0) == 0) result.kernels[name.substr(6)];
        if (name.rfind(".nv.info.", 0) == 0) result.kernels[name.substr(9)] = parametersOf(image + s.sh_offset, s.sh_size);
    }
}

}  // namespace cusim
