/*
 * A Verilated prism_core behind C functions, for two shells: a library in process, and child.cpp.
 *
 * A request is operations one behind the other, all numbers little-endian:
 *
 *   0 reset
 *   1 read      u32 address                                        answers u32 value
 *   2 write     u32 address, u32 value
 *   3 tick      u32 seconds
 *   4 exchange  u8 idle percent, u8 stall percent, u32 seed, u64 cycles at most,
 *               u32 accesses, each  u8 is a write, u64 not before this cycle, u32 address, u32 value
 *               u32 frames, each    u32 length, u32 hole, u16 declared, u8 source, u8 destination,
 *                                   u8 has TLAST, octets
 *       answers u32 values that were read, each u32
 *               u32 frames in, each   u64 cycle of the first word, u64 of the last
 *               u32 frames out, each  u64, u64 likewise, u32 number of the frame in (or NONE),
 *                                     u32 length, u16 declared, u8 source, u8 destination, octets
 *               u32 breaches, each    u64 cycle, u8 length, name
 *
 * An answer is u8 0, u64 the cycle, and the operations' answers; or u8 1, u64 the cycle, and a
 * sentence that begins with the fault's name. After a fault only a reset is done.
 * A core has to be reset first.
 */
#pragma once

#include <cstddef>
#include <cstdint>

#define PUBLIC extern "C" __attribute__((visibility("default")))

struct Core;

/* A core that waits for its reset. What is undefined is zero where `seed` is 0, else random. */
PUBLIC Core *core_open(uint32_t seed);

/* Does what a request says; returns the length of the answer. */
PUBLIC size_t core_ask(Core *core, const uint8_t *request, size_t length);

/* Copies the last answer. */
PUBLIC void core_answer(const Core *core, uint8_t *into);

/* Writes what was covered into a file, where the core was built to count it. */
PUBLIC void core_coverage(Core *core, const char *file);

PUBLIC void core_close(Core *core);
