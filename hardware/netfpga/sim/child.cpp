/*
 * child SEED [COVERAGE]: a core in a process of its own, until its input ends.
 *
 * On standard input u32 length and a request, on standard output u32 length and its answer, and so on.
 */
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <unistd.h>

#include "harness.h"

namespace {

bool read_all(void *into, size_t length) { return std::fread(into, 1, length, stdin) == length; }

}  // namespace

int main(int count, char **words) {
    // What the model itself prints goes where it does not count.
    std::FILE *const out = fdopen(dup(STDOUT_FILENO), "wb");
    dup2(STDERR_FILENO, STDOUT_FILENO);
    Core *const core = core_open(count > 1 ? std::strtoul(words[1], nullptr, 10) : 0);
    if (core == nullptr) return 1;
    std::vector<uint8_t> request, answer;
    uint32_t length;
    while (read_all(&length, sizeof length)) {
        request.resize(length);
        if (!read_all(request.data(), length)) break;
        answer.resize(core_ask(core, request.data(), length));
        core_answer(core, answer.data());
        length = answer.size();
        std::fwrite(&length, sizeof length, 1, out);
        std::fwrite(answer.data(), 1, length, out);
        if (std::fflush(out) != 0) return 1;
    }
    if (count > 2) core_coverage(core, words[2]);
    core_close(core);
    return 0;
}
