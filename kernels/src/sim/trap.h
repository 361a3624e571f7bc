// trap.h: while a grid runs, an access to no memory at all is the kernel's fault, not the process's end.
#pragma once

namespace cusim {

class Traps {                   // catches SIGSEGV, SIGBUS and SIGFPE while it lives
public:
    Traps();
    ~Traps();
};

}  // namespace cusim
