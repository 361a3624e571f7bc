// warp.cpp: operations in which lanes of a warp meet: shuffles, ballots, __syncwarp and the matrix step.
// All lanes of the mask that have not returned must come to the same line; then each takes what it asked for.
#include "block.h"
#include "report.h"

namespace cusim {

static const uint64_t NO_VALUE = 0x7fffdead7fffdeadu;       // what a lane outside the mask gives: NaN

static Rendezvous &rendezvous(Warp &w, unsigned mask, Place place) {
    Rendezvous *unused = nullptr;
    for (int i = 0; i < w.meetingCount; i++) {
        Rendezvous &r = w.meetings[i];
        if (r.mask == mask) return r;
        if (!r.arrived) unused = &r;
    }
    const int most = sizeof w.meetings / sizeof w.meetings[0];
    if (w.meetingCount < most) unused = &w.meetings[w.meetingCount++];
    if (!unused) failAt(text("lanes of one warp wait under more than %d different masks", most), place);
    unused->mask = mask;
    unused->arrived = 0;
    unused->turn = 0;
    return *unused;
}

static void complete(Warp &w, Rendezvous &r, unsigned self) {
    r.completed[r.turn] = r.arrived;
    r.turn ^= 1;
    w.ready |= r.arrived & ~self;
    r.arrived = 0;
}

void completeMeetings(Warp &w) {
    for (int i = 0; i < w.meetingCount; i++) {
        Rendezvous &r = w.meetings[i];
        if (r.arrived && (r.mask & w.live) == r.arrived) complete(w, r, 0);
    }
}

static const char *nameOf(Meeting what) {
    switch (what) {
        case Meeting::BALLOT: return "a vote";
        case Meeting::SYNC: return "__syncwarp";
        case Meeting::GATHER: return "a matrix step";
        default: return "a shuffle";
    }
}

static unsigned sourceLane(Meeting what, unsigned lane, int argument, int width) {
    int first = (int)lane & ~(width - 1), past = first + width, source;
    switch (what) {
        case Meeting::SHUFFLE: return (unsigned)(first | (argument & (width - 1)));
        case Meeting::SHUFFLE_UP:
            source = (int)lane - argument;
            return source < first ? lane : (unsigned)source;
        case Meeting::SHUFFLE_DOWN: source = (int)lane + argument; break;
        default: source = (int)lane ^ argument; break;
    }
    return source >= past ? lane : (unsigned)source;
}

uint64_t meet(Meeting what, unsigned mask, uint64_t value, int argument, int width, Place place) {
    Block &b = *current.block;
    Thread *t = current.thread;
    Warp &w = b.warps[t->warp];
    unsigned self = 1u << t->lane;
    mask &= w.exist;
    if (!(mask & self)) failAt(text("lane %u is not in the mask %08x of its own operation", t->lane, mask), place);
    Rendezvous &r = rendezvous(w, mask, place);
    if (!r.arrived) {
        r.what = what;
        r.place = place;
    } else if (r.what != what || !(r.place == place)) {
        failAt(text("lanes of one warp meet in different operations: %s here, %s at ", nameOf(what), nameOf(r.what)) +
                   describe(r.place), place);
    }
    b.counts.warpOperations++;
    int turn = r.turn;
    r.values[turn][t->lane] = value;
    r.arrived |= self;
    if (r.arrived == (mask & w.live)) complete(w, r, self);
    else waitAs(State::IN_WARP, place);

    unsigned took = r.completed[turn];
    switch (what) {
        case Meeting::SYNC: t->warpSyncs++; return 0;
        case Meeting::GATHER:
            if (took != ~0u) failAt("a matrix step needs all 32 lanes", place);
            return (uint64_t)r.values[turn];
        case Meeting::BALLOT: {
            uint64_t votes = 0;
            for (unsigned lane = 0; lane < WARP; lane++)
                if (took >> lane & 1) votes |= r.values[turn][lane] << lane;
            return votes;
        }
        default: {
            unsigned source = sourceLane(what, t->lane, argument, width);
            return took >> source & 1 ? r.values[turn][source] : NO_VALUE;
        }
    }
}

// ---- mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32
// Register layout of the PTX manual, "Matrix Fragments for mma.m16n8k16 with floating point type", with group = lane / 4,
// pair = lane % 4: a[i] holds row group + 8 * (i & 1), columns 2 * pair + 8 * (i >> 1) and the next; b[i] holds rows
// 2 * pair + 8 * i and the next, column group; c and d hold row group + 8 * (i >> 1), column 2 * pair + (i & 1).
namespace {
struct Fragments {
    unsigned a[4], b[2];
};
float half(unsigned pair, unsigned which) {
    union { unsigned bits; float value; } v = {which ? pair & 0xffff0000u : pair << 16};
    return v.value;
}
}  // namespace

void mma16816(float d[4], const unsigned a[4], const unsigned b[2], const float c[4], const char *file, int line) {
    Place place{file, line};
    Fragments mine{{a[0], a[1], a[2], a[3]}, {b[0], b[1]}};
    // every lane shows its fragments to the others: their stacks are ordinary memory
    const uint64_t *lanes = (const uint64_t *)meet(Meeting::GATHER, ~0u, (uint64_t)&mine, 0, WARP, place);
    const Fragments *all[WARP];
    for (int i = 0; i < WARP; i++) all[i] = (const Fragments *)lanes[i];
    unsigned lane = current.thread->lane, group = lane / 4, pair = lane % 4;
    float result[4];
    for (unsigned i = 0; i < 4; i++) {
        unsigned lower = i >> 1, column = 2 * pair + (i & 1);
        float sum = c[i];
        for (unsigned k = 0; k < 16; k++) {
            unsigned holder = (k & 7) / 2, right = k >> 3;
            sum += half(all[group * 4 + holder]->a[lower + 2 * right], k & 1) *
                   half(all[column * 4 + holder]->b[right], k & 1);
        }
        result[i] = sum;
    }
    meet(Meeting::BALLOT, ~0u, 0, 0, WARP, place);          // nobody's stack changes before all have read it
    for (int i = 0; i < 4; i++) d[i] = result[i];
}

}  // namespace cusim
