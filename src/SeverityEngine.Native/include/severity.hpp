// Severity Engine for C++17: severity.h with owners and exceptions. Header only; link to libseverity.
//
//     severity::engine engine;
//     severity::score score = engine.predict("chest.jpeg");
//     std::cout << score.geographic_extent << " of 8, " << score.opacity << " of 6\n";
//
// Every contract of severity.h holds here too. What fails there throws severity::error here. Research only, not for medical use.
#ifndef SEVERITY_HPP
#define SEVERITY_HPP

#include "severity.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace severity {

// What went wrong, with the status as its code.
class error : public std::runtime_error {
public:
    error(severity_status code, const std::string &message) : std::runtime_error(message), _code(code) {}

    severity_status code() const noexcept { return _code; }

    // The code's name, for example "image_truncated".
    const char *name() const noexcept { return severity_status_name(_code); }

private:
    severity_status _code;
};

inline void check(severity_status status)
{
    if (status != SEVERITY_OK)
        throw error(status, severity_last_error());
}

using score = severity_result;

// Options with every default; set what should differ.
inline severity_options default_options() noexcept
{
    severity_options options = SEVERITY_OPTIONS_INIT;
    return options;
}

// Raw pixels in the caller's memory; stride 0 for rows without a gap, max_value 0 for the format's largest.
inline severity_pixels pixels(
    const void *data, std::size_t data_size, std::int32_t width, std::int32_t height, std::int32_t format = SEVERITY_PIXELS_GRAY8,
    std::int64_t stride = 0, std::int32_t max_value = 0) noexcept
{
    severity_pixels view = SEVERITY_PIXELS_INIT;
    view.format = format;
    view.data = data;
    view.data_size = data_size;
    view.width = width;
    view.height = height;
    view.stride = stride;
    view.max_value = max_value;
    return view;
}

// Where a model looked: size x size values, row after row, top row first.
struct saliency {
    severity::score score;
    std::int32_t size;
    std::vector<float> values;
};

struct batch_score {
    severity_status status;
    severity::score score; // NaN unless the status is SEVERITY_OK
};

// Owns an engine. It can be moved, not copied, and used by any number of threads.
class engine {
public:
    // The built-in model.
    explicit engine(const severity_options &options = default_options()) { check(severity_create(&options, &_engine)); }

    // A model from a file.
    explicit engine(const std::string &path, const severity_options &options = default_options())
    {
        check(severity_create_from_file(path.c_str(), &options, &_engine));
    }

    // A model from memory; it is copied.
    engine(const void *model, std::size_t size, const severity_options &options = default_options())
    {
        check(severity_create_from_memory(model, size, &options, &_engine));
    }

    engine(const engine &) = delete;
    engine &operator=(const engine &) = delete;

    engine(engine &&other) noexcept : _engine(std::exchange(other._engine, nullptr)) {}

    engine &operator=(engine &&other) noexcept
    {
        std::swap(_engine, other._engine);
        return *this;
    }

    ~engine() { severity_destroy(_engine); }

    severity_engine *get() const noexcept { return _engine; }

    // Cancels the calls that have begun, in any thread: they throw an error of SEVERITY_ERROR_CANCELLED.
    void cancel() const { check(severity_cancel(_engine)); }

    // Scores an image file; the path is UTF-8.
    score predict(const std::string &path) const
    {
        score result = SEVERITY_RESULT_INIT;
        check(severity_predict_file(_engine, path.c_str(), &result));
        return result;
    }

    // Scores an image file that is in memory.
    score predict(const void *data, std::size_t size, const std::string &name = "image") const
    {
        score result = SEVERITY_RESULT_INIT;
        check(severity_predict_encoded(_engine, data, size, name.c_str(), &result));
        return result;
    }

    // Scores raw pixels.
    score predict(const severity_pixels &pixels) const
    {
        score result = SEVERITY_RESULT_INIT;
        check(severity_predict_pixels(_engine, &pixels, &result));
        return result;
    }

    // Scores many pictures at once. A bad one has a status in its place and does not throw.
    std::vector<batch_score> predict(const std::vector<severity_pixels> &images) const
    {
        const score empty = SEVERITY_RESULT_INIT;
        std::vector<score> results(images.size(), empty);
        std::vector<severity_status> statuses(images.size(), -1);
        severity_status status = severity_predict_batch(_engine, images.data(), images.size(), results.data(), statuses.data());
        std::vector<batch_score> scores;
        scores.reserve(images.size());
        for (std::size_t i = 0; i < images.size(); i++) {
            if (statuses[i] < 0) // the call itself was refused
                throw error(status, severity_last_error());
            scores.push_back({statuses[i], results[i]});
        }
        return scores;
    }

    // Scores an image file and finds where the model looked.
    saliency explain(
        const std::string &path, std::int32_t target = SEVERITY_TARGET_GEOGRAPHIC_EXTENT,
        std::int32_t method = SEVERITY_METHOD_GRADIENT) const
    {
        return explain(target, method, [&](const severity_map &map, score &result) {
            return severity_explain_file(_engine, path.c_str(), &map, &result);
        });
    }

    // Scores raw pixels and finds where the model looked.
    saliency explain(
        const severity_pixels &pixels, std::int32_t target = SEVERITY_TARGET_GEOGRAPHIC_EXTENT,
        std::int32_t method = SEVERITY_METHOD_GRADIENT) const
    {
        return explain(target, method, [&](const severity_map &map, score &result) {
            return severity_explain_pixels(_engine, &pixels, &map, &result);
        });
    }

    // What the model says of itself; its texts live as long as this engine.
    severity_model_info model() const
    {
        severity_model_info info = SEVERITY_MODEL_INFO_INIT;
        check(severity_get_model_info(_engine, &info));
        return info;
    }

    // Everything that the model's file says: license, source, citation and more.
    std::map<std::string, std::string> metadata() const
    {
        std::map<std::string, std::string> entries;
        const std::size_t count = model().metadata_count;
        for (std::size_t i = 0; i < count; i++) {
            const char *key, *value;
            check(severity_get_model_metadata(_engine, i, &key, &value));
            entries.emplace(key, value);
        }
        return entries;
    }

private:
    template <typename Call>
    saliency explain(std::int32_t target, std::int32_t method, Call call) const
    {
        const std::int32_t side = model().input_size;
        saliency found{SEVERITY_RESULT_INIT, side, std::vector<float>(static_cast<std::size_t>(side) * static_cast<std::size_t>(side))};
        severity_map map = SEVERITY_MAP_INIT;
        map.target = target;
        map.method = method;
        map.values = found.values.data();
        map.count = found.values.size();
        check(call(map, found.score));
        return found;
    }

    severity_engine *_engine = nullptr;
};

// What this library is; its texts live as long as the library.
inline severity_library_info library()
{
    severity_library_info info = SEVERITY_LIBRARY_INFO_INIT;
    check(severity_get_library_info(&info));
    return info;
}

} // namespace severity

#endif
