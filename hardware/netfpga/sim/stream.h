/*
 * The two ends of the AXI4-Stream: frames that go in, and frames that come out.
 *
 * On the first word TUSER is
 *
 *   [15:0] length   [23:16] source   [31:24] destinations   [63:32] serial   [127:64] its mark
 *
 * A core leaves the serial alone, and so each frame that leaves is known by the one that entered.
 * Whatever does not count is noise: TUSER behind the first word, octets without TKEEP, and all of
 * it while TVALID is low.
 */
#pragma once

#include <algorithm>
#include <type_traits>
#include <utility>

#include "Vprism_core.h"
#include "wire.h"

using Words = std::remove_reference_t<decltype(Vprism_core::s_axis_tdata)>;
using Keep = std::remove_reference_t<decltype(Vprism_core::s_axis_tkeep)>;
using User = std::remove_reference_t<decltype(Vprism_core::s_axis_tuser)>;

constexpr size_t WORD_OCTETS = sizeof(Words);
constexpr uint32_t NONE = 0xFFFFFFFF;

struct UserFields {
    uint16_t declared;
    uint8_t source;
    uint8_t destination;
    uint32_t serial;
    uint64_t mark;
};
static_assert(sizeof(UserFields) == sizeof(User), "TUSER has 128 bits");

inline uint64_t mark_of(uint32_t serial) { return Chance{serial}.next(); }

struct Breach {
    uint64_t cycle;
    const char *rule;
};

/* More would say the same again. */
constexpr size_t BREACHES_MAX = 100;

class Breaches {
  public:
    void add(uint64_t cycle, const char *rule) {
        if (all_.size() < BREACHES_MAX) all_.push_back({cycle, rule});
    }
    std::vector<Breach> take() { return std::exchange(all_, {}); }

  private:
    std::vector<Breach> all_;
};

/* A frame that goes in. */
struct Stimulus {
    uint32_t length;
    /* The octet whose bit of TKEEP is missing, or NONE. */
    uint32_t hole;
    uint16_t declared;
    uint8_t source;
    uint8_t destination;
    bool has_last;
    const uint8_t *octets;
    uint64_t first_cycle;
    uint64_t last_cycle;

    bool is_whole() const { return length == declared && has_last && hole == NONE; }
};

class Source {
  public:
    std::vector<Stimulus> frames;
    Chance chance{0};
    unsigned idle_percent = 0;

    bool is_empty() const { return frame_ == frames.size(); }
    size_t taken() const { return frame_; }
    uint32_t base() const { return base_; }

    /* The frames that were taken are forgotten, their serials are not used again. */
    void clear() {
        base_ += static_cast<uint32_t>(frames.size());
        frames.clear();
        frame_ = 0;
        at_ = 0;
        is_valid_ = false;
    }

    void drive(Vprism_core &top) {
        if (is_valid_) return;
        chance.fill(top.s_axis_tdata);
        chance.fill(top.s_axis_tuser);
        chance.fill(top.s_axis_tkeep);
        top.s_axis_tlast = chance.next() & 1;
        is_valid_ = !is_empty() && !chance.is_one_of(idle_percent);
        top.s_axis_tvalid = is_valid_;
        if (is_valid_) load(top);
    }

    void sample(const Vprism_core &top, uint64_t cycle) {
        if (!is_valid_ || !top.s_axis_tready) return;
        Stimulus &frame = frames[frame_];
        if (at_ == 0) frame.first_cycle = cycle;
        is_valid_ = false;
        at_ += WORD_OCTETS;
        if (at_ < frame.length) return;
        frame.last_cycle = cycle;
        at_ = 0;
        ++frame_;
    }

  private:
    void load(Vprism_core &top) {
        const Stimulus &frame = frames[frame_];
        const uint32_t length = std::min<uint32_t>(frame.length - at_, WORD_OCTETS);
        std::memcpy(&top.s_axis_tdata, frame.octets + at_, length);
        uint8_t keep[sizeof(Keep)] = {};
        for (uint32_t octet = 0; octet < length; ++octet) {
            if (at_ + octet != frame.hole) keep[octet / 8] |= 1 << octet % 8;
        }
        std::memcpy(&top.s_axis_tkeep, keep, sizeof keep);
        top.s_axis_tlast = frame.has_last && frame.length - at_ == length;
        if (at_ != 0) return;
        const uint32_t serial = base_ + static_cast<uint32_t>(frame_);
        const UserFields user{frame.declared, frame.source, frame.destination, serial, mark_of(serial)};
        std::memcpy(&top.s_axis_tuser, &user, sizeof user);
    }

    size_t frame_ = 0;
    uint32_t at_ = 0;
    uint32_t base_ = 0;
    bool is_valid_ = false;
};

/* A frame that came out. */
struct Emission {
    uint64_t first_cycle;
    uint64_t last_cycle;
    uint32_t input;
    UserFields user;
    std::vector<uint8_t> octets;
};

class Sink {
  public:
    std::vector<Emission> frames;
    Chance chance{0};
    unsigned stall_percent = 0;

    bool is_amid() const { return is_amid_; }

    void clear() {
        frames.clear();
        is_amid_ = false;
        is_stalled_ = false;
    }

    void drive(Vprism_core &top) { top.m_axis_tready = !chance.is_one_of(stall_percent); }

    void sample(const Vprism_core &top, uint64_t cycle, const Source &source, Breaches &breaches) {
        const Word word{top.m_axis_tdata, top.m_axis_tuser, top.m_axis_tkeep, top.m_axis_tlast};
        if (is_stalled_ && !top.m_axis_tvalid) breaches.add(cycle, "valid-withdrawn");
        if (is_stalled_ && top.m_axis_tvalid && !word.equals(held_)) breaches.add(cycle, "unstable");
        if (top.m_axis_tvalid && top.idle) breaches.add(cycle, "valid-while-idle");
        is_stalled_ = top.m_axis_tvalid && !top.m_axis_tready;
        held_ = word;
        if (top.m_axis_tvalid && top.m_axis_tready) take(word, cycle, source, breaches);
    }

  private:
    struct Word {
        Words octets;
        User user;
        Keep keep;
        CData is_last;

        bool equals(const Word &other) const {
            return std::memcmp(&octets, &other.octets, sizeof octets) == 0 &&
                   std::memcmp(&user, &other.user, sizeof user) == 0 && keep_equals(other) &&
                   is_last == other.is_last;
        }
        bool keep_equals(const Word &other) const {
            return std::memcmp(&keep, &other.keep, sizeof keep) == 0;
        }
        bool is_kept(size_t octet) const {
            return reinterpret_cast<const uint8_t *>(&keep)[octet / 8] >> octet % 8 & 1;
        }
    };

    void take(const Word &word, uint64_t cycle, const Source &source, Breaches &breaches) {
        if (!is_amid_) frames.push_back(begin(word, cycle, source, breaches));
        is_amid_ = !word.is_last;
        Emission &frame = frames.back();
        size_t kept = 0;
        while (kept < WORD_OCTETS && word.is_kept(kept)) ++kept;
        for (size_t octet = kept; octet < WORD_OCTETS; ++octet) {
            if (word.is_kept(octet)) breaches.add(cycle, "keep-hole");
        }
        if (kept == 0) breaches.add(cycle, "keep-empty");
        if (kept != 0 && kept < WORD_OCTETS && is_amid_) breaches.add(cycle, "keep-partial");
        const uint8_t *octets = reinterpret_cast<const uint8_t *>(&word.octets);
        frame.octets.insert(frame.octets.end(), octets, octets + kept);
        frame.last_cycle = cycle;
        if (is_amid_) return;
        // What went in damaged may come out damaged.
        const bool is_whole = frame.input == NONE || source.frames[frame.input].is_whole();
        if (is_whole && frame.octets.size() != frame.user.declared) breaches.add(cycle, "length");
    }

    Emission begin(const Word &word, uint64_t cycle, const Source &source, Breaches &breaches) {
        Emission frame{cycle, cycle, NONE, {}, {}};
        std::memcpy(&frame.user, &word.user, sizeof frame.user);
        const uint32_t input = frame.user.serial - source.base();
        if (frame.user.mark == mark_of(frame.user.serial) && input < source.frames.size()) {
            frame.input = input;
        } else {
            breaches.add(cycle, "user");
        }
        return frame;
    }

    Word held_{};
    bool is_amid_ = false;
    bool is_stalled_ = false;
};
