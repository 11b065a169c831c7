/* Numbers in octets, little-endian as the machine itself, and a source of chance. */
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "words are copied as they are");

/* What ends a request; its text begins with a name. */
struct Fault : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class Reader {
  public:
    Reader(const uint8_t *octets, size_t length) : at_(octets), end_(octets + length) {}

    bool is_at_end() const { return at_ == end_; }

    const uint8_t *take(size_t length) {
        if (length > static_cast<size_t>(end_ - at_)) throw Fault("request: it ends early");
        const uint8_t *taken = at_;
        at_ += length;
        return taken;
    }

    template <class T> T take() {
        T value;
        std::memcpy(&value, take(sizeof value), sizeof value);
        return value;
    }

  private:
    const uint8_t *at_;
    const uint8_t *end_;
};

struct Writer {
    std::vector<uint8_t> octets;

    void put(const void *from, size_t length) {
        const uint8_t *first = static_cast<const uint8_t *>(from);
        octets.insert(octets.end(), first, first + length);
    }

    template <class T> void put(T value) { put(&value, sizeof value); }
};

/* splitmix64. */
struct Chance {
    uint64_t state;

    uint64_t next() {
        uint64_t mixed = state += 0x9E3779B97F4A7C15u;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
        return mixed ^ (mixed >> 31);
    }

    bool is_one_of(unsigned percent) { return percent != 0 && next() % 100 < percent; }

    /* Not one value twice: what reads a field that does not count is seen to change. */
    template <class T> void fill(T &field) {
        uint8_t *octets = reinterpret_cast<uint8_t *>(&field);
        for (size_t at = 0; at < sizeof field; at += sizeof(uint64_t)) {
            const uint64_t value = next();
            std::memcpy(octets + at, &value, std::min(sizeof value, sizeof field - at));
        }
    }
};
