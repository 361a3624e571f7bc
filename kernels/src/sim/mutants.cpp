// mutants.cpp: which of the mistakes planted by mutate.cpp is switched on, and which of them a run came past. A part of
// builds of mutated kernels (../../mutation.sh) only.
#include "mutants.h"

#include <cstdlib>
#include <cstring>

#include "driver.h"

using namespace cusim;

int cusim_mutant = std::getenv("CUSIM_MUTANT") ? std::atoi(std::getenv("CUSIM_MUTANT")) : 0;     // 0: none, ids begin at 1
unsigned char cusim_reached[sizeof cusim_reached];

// reached[id] is 1 where a launch since the last call came to a place where the mutant would have done something else.
EXPORTED void cusim_take_reached(unsigned char *reached) {
    LOCK;
    std::memcpy(reached, cusim_reached, sizeof cusim_reached);
    std::memset(cusim_reached, 0, sizeof cusim_reached);
}
