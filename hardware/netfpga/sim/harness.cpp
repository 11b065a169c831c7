/* One core, its clock, and what is asked of it: see harness.h. */
#include "harness.h"

#include <memory>

#include "bus.h"
#include "verilated.h"
#if VM_COVERAGE
#include "verilated_cov.h"
#endif

namespace {

constexpr unsigned RESET_CYCLES = 16;
/* A reset may end with tables being emptied, row by row. */
constexpr uint64_t WAKE_CYCLES_MAX = 1 << 22;
/* An access is answered in a few cycles. */
constexpr uint64_t ACCESS_CYCLES_MAX = 1 << 12;
/* A core that says idle for so long is. */
constexpr unsigned SETTLE_CYCLES = 4;
constexpr unsigned TICK_PAUSE_CYCLES = 3;

std::string count(uint64_t number, const char *what) { return std::to_string(number) + what; }

}  // namespace

/* Verilator's own would end the process. */
void vl_fatal(const char *file, int line, const char *, const char *message) VL_MT_UNSAFE {
    throw Fault(std::string("model: ") + message + " (" + file + ":" + std::to_string(line) + ")");
}

struct Core {
    explicit Core(uint32_t seed) {
        // Verilator takes 0 as "any seed".
        context.randReset(seed == 0 ? 0 : 2);
        context.randSeed(static_cast<int>(seed & 0x7FFFFFFF) | 1);
        top = std::make_unique<Vprism_core>(&context);
    }

    ~Core() { top->final(); }

    void ask(Reader request);
    void fail(const char *sentence);

    VerilatedContext context;
    std::unique_ptr<Vprism_core> top;
    Writer answer;

  private:
    void cycle();
    void reset();
    void access(Access access);
    void tick(uint32_t seconds);
    void exchange(Reader &request);
    void load(Reader &request);
    void settle(uint64_t cycles_max);
    void report();
    void begin_answer(uint8_t status);

    uint64_t now_ = 0;
    bool is_lost_ = false;
    Source source_;
    Sink sink_;
    Bus bus_;
    Breaches breaches_;
};

/* What is driven changes behind a rising edge; what counts is what stands before the next. */
void Core::cycle() {
    source_.drive(*top);
    sink_.drive(*top);
    bus_.drive(*top, now_);
    top->clk = 0;
    top->eval();
    source_.sample(*top, now_);
    sink_.sample(*top, now_, source_, breaches_);
    bus_.sample(*top, now_, breaches_);
    top->clk = 1;
    top->eval();
    ++now_;
}

void Core::reset() {
    source_.clear();
    bus_.clear();
    sink_.stall_percent = 0;
    top->tick = 0;
    top->resetn = 0;
    for (unsigned cycles = 0; cycles < RESET_CYCLES; ++cycles) {
        cycle();
        // What stood at the edge that began it is nobody's fault.
        if (cycles == 0) breaches_.take();
        if (cycles > 0 && top->m_axis_tvalid) breaches_.add(now_, "valid-in-reset");
        sink_.clear();
    }
    top->resetn = 1;
    is_lost_ = false;
    settle(WAKE_CYCLES_MAX);
}

void Core::access(Access access) {
    access.not_before = now_;
    bus_.accesses.push_back(access);
    const uint64_t end = now_ + ACCESS_CYCLES_MAX;
    while (!bus_.is_empty()) {
        if (now_ == end) {
            throw Fault("hang: register " + name_of(access.address) + " has not answered after " +
                        count(ACCESS_CYCLES_MAX, " cycles"));
        }
        cycle();
    }
    for (uint32_t value : bus_.values) answer.put(value);
    bus_.values.clear();
}

void Core::tick(uint32_t seconds) {
    for (uint32_t second = 0; second < seconds; ++second) {
        top->tick = 1;
        cycle();
        top->tick = 0;
        for (unsigned cycles = 0; cycles < TICK_PAUSE_CYCLES; ++cycles) cycle();
    }
}

/* Until all is taken and the core is idle. */
void Core::settle(uint64_t cycles_max) {
    const uint64_t end = now_ + cycles_max;
    unsigned quiet = 0;
    while (quiet < SETTLE_CYCLES) {
        if (now_ == end) {
            throw Fault("hang: not idle after " + count(cycles_max, " cycles; ") +
                        count(source_.taken(), " of ") + count(source_.frames.size(), " frames were taken, ") +
                        count(sink_.frames.size(), " came out, ") +
                        count(bus_.accesses.size(), " register accesses wait"));
        }
        cycle();
        const bool is_quiet = source_.is_empty() && bus_.is_empty() && top->idle && !top->m_axis_tvalid;
        quiet = is_quiet ? quiet + 1 : 0;
    }
    if (sink_.is_amid()) breaches_.add(now_, "unfinished");
}

void Core::load(Reader &request) {
    for (uint32_t left = request.take<uint32_t>(); left > 0; --left) {
        Access access{};
        access.is_write = request.take<uint8_t>() != 0;
        access.not_before = now_ + request.take<uint64_t>();
        access.address = request.take<uint32_t>();
        access.value = request.take<uint32_t>();
        bus_.accesses.push_back(access);
    }
    for (uint32_t left = request.take<uint32_t>(); left > 0; --left) {
        Stimulus frame{};
        frame.length = request.take<uint32_t>();
        frame.hole = request.take<uint32_t>();
        frame.declared = request.take<uint16_t>();
        frame.source = request.take<uint8_t>();
        frame.destination = request.take<uint8_t>();
        frame.has_last = request.take<uint8_t>() != 0;
        frame.octets = request.take(frame.length);
        source_.frames.push_back(frame);
    }
}

void Core::exchange(Reader &request) {
    source_.idle_percent = request.take<uint8_t>();
    sink_.stall_percent = request.take<uint8_t>();
    bus_.is_skewed = source_.idle_percent != 0 || sink_.stall_percent != 0;
    const uint64_t seed = request.take<uint32_t>();
    source_.chance.state = seed << 2;
    sink_.chance.state = seed << 2 | 1;
    bus_.chance.state = seed << 2 | 2;
    const uint64_t cycles_max = request.take<uint64_t>();
    load(request);
    settle(cycles_max);
    report();
    sink_.stall_percent = 0;
    bus_.is_skewed = false;
    source_.clear();
    sink_.clear();
}

void Core::report() {
    answer.put<uint32_t>(bus_.values.size());
    for (uint32_t value : bus_.values) answer.put(value);
    bus_.values.clear();
    answer.put<uint32_t>(source_.frames.size());
    for (const Stimulus &frame : source_.frames) {
        answer.put(frame.first_cycle);
        answer.put(frame.last_cycle);
    }
    answer.put<uint32_t>(sink_.frames.size());
    for (const Emission &frame : sink_.frames) {
        answer.put(frame.first_cycle);
        answer.put(frame.last_cycle);
        answer.put(frame.input);
        answer.put<uint32_t>(frame.octets.size());
        answer.put(frame.user.declared);
        answer.put(frame.user.source);
        answer.put(frame.user.destination);
        answer.put(frame.octets.data(), frame.octets.size());
    }
    const std::vector<Breach> breaches = breaches_.take();
    answer.put<uint32_t>(breaches.size());
    for (const Breach &breach : breaches) {
        answer.put(breach.cycle);
        answer.put<uint8_t>(std::strlen(breach.rule));
        answer.put(breach.rule, std::strlen(breach.rule));
    }
}

void Core::begin_answer(uint8_t status) {
    answer.octets.clear();
    answer.put(status);
    answer.put(now_);
}

void Core::fail(const char *sentence) {
    is_lost_ = true;
    // The frames' octets are the request's.
    source_.clear();
    begin_answer(1);
    answer.put(sentence, std::strlen(sentence));
}

void Core::ask(Reader request) {
    begin_answer(0);
    while (!request.is_at_end()) {
        const uint8_t operation = request.take<uint8_t>();
        if (is_lost_ && operation != 0) throw Fault("lost: after a fault the core is to be reset");
        switch (operation) {
        case 0: reset(); break;
        case 1: access({false, 0, request.take<uint32_t>(), 0}); break;
        case 2: {
            const uint32_t address = request.take<uint32_t>();
            access({true, 0, address, request.take<uint32_t>()});
            break;
        }
        case 3: tick(request.take<uint32_t>()); break;
        case 4: exchange(request); break;
        default: throw Fault("request: there is no operation " + std::to_string(operation));
        }
    }
    // The cycle in which the answer ends.
    std::memcpy(&answer.octets[1], &now_, sizeof now_);
}

Core *core_open(uint32_t seed) {
    try {
        return new Core(seed);
    } catch (const std::exception &fault) {
        std::fprintf(stderr, "%s\n", fault.what());
        return nullptr;
    }
}

size_t core_ask(Core *core, const uint8_t *request, size_t length) {
    try {
        core->ask(Reader(request, length));
    } catch (const std::exception &fault) {
        core->fail(fault.what());
    }
    return core->answer.octets.size();
}

void core_answer(const Core *core, uint8_t *into) {
    std::memcpy(into, core->answer.octets.data(), core->answer.octets.size());
}

void core_coverage(Core *core, const char *file) {
#if VM_COVERAGE
    core->context.coveragep()->write(file);
#else
    (void)core;
    (void)file;
#endif
}

void core_close(Core *core) { delete core; }
