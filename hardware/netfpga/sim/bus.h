/* The master of the AXI4-Lite: one access after the other. */
#pragma once

#include <cstdio>
#include <deque>

#include "stream.h"

struct Access {
    bool is_write;
    uint64_t not_before;
    uint32_t address;
    uint32_t value;
};

inline std::string name_of(uint32_t address) {
    char name[16];
    std::snprintf(name, sizeof name, "0x%03X", address);
    return name;
}

class Bus {
  public:
    std::deque<Access> accesses;
    std::vector<uint32_t> values;
    Chance chance{0};
    /* Whether the channels wait for each other as they like. */
    bool is_skewed = false;

    bool is_empty() const { return accesses.empty(); }

    void clear() {
        accesses.clear();
        values.clear();
        is_under_way_ = false;
    }

    void drive(Vprism_core &top, uint64_t cycle) {
        if (!is_under_way_ && !accesses.empty() && accesses.front().not_before <= cycle) begin();
        const bool is_write = is_under_way_ && accesses.front().is_write;
        const bool is_read = is_under_way_ && !is_write;
        top.s_axi_awvalid = is_write && !is_addressed_ && wait_[0] == 0;
        top.s_axi_wvalid = is_write && !is_written_ && wait_[1] == 0;
        top.s_axi_arvalid = is_read && !is_addressed_ && wait_[0] == 0;
        top.s_axi_bready = is_write && wait_[2] == 0;
        top.s_axi_rready = is_read && wait_[2] == 0;
        for (unsigned &cycles : wait_) cycles -= cycles != 0;
        if (!is_under_way_) return;
        top.s_axi_awaddr = top.s_axi_araddr = accesses.front().address;
        top.s_axi_wdata = accesses.front().value;
        top.s_axi_wstrb = 0xF;
    }

    void sample(const Vprism_core &top, uint64_t cycle, Breaches &breaches) {
        const bool is_answered = top.s_axi_bvalid || top.s_axi_rvalid;
        if (is_answered && !(is_addressed_ && is_written_)) breaches.add(cycle, "answer-unasked");
        if (top.s_axi_awvalid && top.s_axi_awready) is_addressed_ = true;
        if (top.s_axi_arvalid && top.s_axi_arready) is_addressed_ = true;
        if (top.s_axi_wvalid && top.s_axi_wready) is_written_ = true;
        if (top.s_axi_bvalid && top.s_axi_bready) end(top.s_axi_bresp);
        if (top.s_axi_rvalid && top.s_axi_rready) {
            values.push_back(top.s_axi_rdata);
            end(top.s_axi_rresp);
        }
    }

  private:
    void begin() {
        is_under_way_ = true;
        is_addressed_ = false;
        is_written_ = !accesses.front().is_write;
        for (unsigned &cycles : wait_) cycles = is_skewed ? chance.next() % 4 : 0;
    }

    void end(unsigned response) {
        if (!is_under_way_) return;
        const Access access = accesses.front();
        accesses.pop_front();
        is_under_way_ = is_addressed_ = is_written_ = false;
        if (response == 0) return;
        throw Fault("bus-error: the " + std::string(access.is_write ? "write" : "read") +
                    " of register " + name_of(access.address) + " was answered with " +
                    std::to_string(response));
    }

    bool is_under_way_ = false;
    bool is_addressed_ = false;
    bool is_written_ = false;
    /* Cycles until address, value and answer go. */
    unsigned wait_[3] = {};
};
