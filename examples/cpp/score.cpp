// Scores chest X-rays with libseverity, through severity.hpp: files first into memory, then scored from there.
// Research only, not for medical use.
#include <severity.hpp>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <vector>

namespace {

std::vector<char> read(const char *path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file)
        throw severity::error(SEVERITY_ERROR_FILE_NOT_FOUND, std::string(path) + ": cannot be opened");
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

} // namespace

int main(int count, char **arguments)
try {
    const severity::engine engine;
    int failed = 0;
    for (int i = 1; i < count; i++) {
        try {
            const std::vector<char> bytes = read(arguments[i]);
            const severity::score score = engine.predict(bytes.data(), bytes.size(), arguments[i]);
            std::printf("%s: geographic extent %.17g of 8, opacity %.17g of 6\n", arguments[i], score.geographic_extent, score.opacity);
        } catch (const severity::error &e) {
            std::fprintf(stderr, "score: %s (%s)\n", e.what(), e.name());
            failed = 1;
        }
    }
    return failed;
} catch (const severity::error &e) {
    std::fprintf(stderr, "score: %s\n", e.what());
    return 2;
}
