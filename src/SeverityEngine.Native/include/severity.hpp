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

// What else can be asked of an image; empty where it was not wanted.
struct analysis {
    severity::score score;
    std::vector<double> findings; // the probability of each of engine::labels()
    std::vector<float> logits;
    std::vector<float> features;
    std::vector<float> input; // the network's input, S x S
    std::string sha256;       // of the file; empty for raw pixels
};

// Which of them are wanted. Findings come with their logits.
struct wanted {
    bool findings = false, features = false, input = false;
};

// A DICOM file's scores, and its results as files of DICOM objects in its study; empty where one was not wanted.
struct dicom_results {
    severity::score score;
    std::vector<unsigned char> report, capture;
};

// Pixels that were decoded; view() is what an engine scores.
struct image {
    severity_image info;
    std::vector<unsigned char> data;

    severity_pixels view() const noexcept
    {
        return pixels(data.data(), data.size(), info.width, info.height, info.format, 0, info.max_value);
    }
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
        return batch(images.size(), [&](score *results, severity_status *statuses) {
            return severity_predict_batch(_engine, images.data(), images.size(), results, statuses);
        });
    }

    // Scores many files at once. A bad one has a status in its place and does not throw.
    std::vector<batch_score> predict_files(const std::vector<std::string> &files) const
    {
        std::vector<const char *> paths;
        for (const std::string &file : files)
            paths.push_back(file.c_str());
        return batch(files.size(), [&](score *results, severity_status *statuses) {
            return severity_predict_files(_engine, paths.data(), paths.size(), results, statuses);
        });
    }

    // Scores an image file and gives what else is wanted of it; the network runs once.
    analysis analyze(const std::string &path, const wanted &what) const
    {
        return analyze(what, true, [&](const severity_outputs &outputs, score &result) {
            return severity_analyze_file(_engine, path.c_str(), &outputs, &result);
        });
    }

    // Scores a DICOM file, and makes the report and the capture that are wanted; the capture's target, method, overlay and picture_end are
    // those of `how`.
    dicom_results dicom(
        const std::string &path, bool report = true, bool capture = true,
        const severity_dicom_results &how = SEVERITY_DICOM_RESULTS_INIT) const
    {
        dicom_results found{SEVERITY_RESULT_INIT, {}, {}};
        found.report.resize(report ? 1 << 16 : 0);
        found.capture.resize(capture ? 1 << 20 : 0);
        for (;;) {
            severity_dicom_results results = how;
            results.report = report ? found.report.data() : nullptr;
            results.report_room = found.report.size();
            results.capture = capture ? found.capture.data() : nullptr;
            results.capture_room = found.capture.size();
            const severity_status status = severity_dicom_file(_engine, path.c_str(), &results, &found.score);
            const bool fits = results.report_size <= results.report_room && results.capture_size <= results.capture_room;
            if (status != SEVERITY_OK && fits)
                throw error(status, severity_last_error());
            found.report.resize(results.report_size);
            found.capture.resize(results.capture_size);
            if (fits)
                return found;
        }
    }

    // The same of raw pixels.
    analysis analyze(const severity_pixels &pixels, const wanted &what) const
    {
        return analyze(what, false, [&](const severity_outputs &outputs, score &result) {
            return severity_analyze_pixels(_engine, &pixels, &outputs, &result);
        });
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

    // The names of the findings, in the order of analysis::findings.
    std::vector<std::string> labels() const
    {
        const severity_model_info info = model();
        return std::vector<std::string>(info.labels, info.labels + info.label_count);
    }

    // The SHA-256 of the model's file.
    std::string model_sha256() const
    {
        const char *hash;
        check(severity_get_model_sha256(_engine, &hash));
        return hash;
    }

    // An engine with an installed model, by its name.
    static engine installed(const std::string &name, const severity_options &options = default_options())
    {
        severity_engine *created;
        check(severity_create_from_installed(name.c_str(), &options, &created));
        return engine(created);
    }

private:
    explicit engine(severity_engine *created) noexcept : _engine(created) {}

    template <typename Call>
    static std::vector<batch_score> batch(std::size_t count, Call call)
    {
        const score empty = SEVERITY_RESULT_INIT;
        std::vector<score> results(count, empty);
        std::vector<severity_status> statuses(count, -1);
        const severity_status status = call(results.data(), statuses.data());
        std::vector<batch_score> scores;
        scores.reserve(count);
        for (std::size_t i = 0; i < count; i++) {
            if (statuses[i] < 0) // the call itself was refused
                throw error(status, severity_last_error());
            scores.push_back({statuses[i], results[i]});
        }
        return scores;
    }

    template <typename Call>
    analysis analyze(const wanted &what, bool is_file, Call call) const
    {
        const severity_model_info info = model();
        const std::size_t side = static_cast<std::size_t>(info.input_size);
        analysis found;
        found.score = SEVERITY_RESULT_INIT;
        found.findings.resize(what.findings ? info.label_count : 0);
        found.logits.resize(found.findings.size());
        found.features.resize(what.features ? info.feature_count : 0);
        found.input.resize(what.input ? side * side : 0);
        if ((what.findings && info.label_count == 0) || (what.features && info.feature_count == 0))
            throw error(SEVERITY_ERROR_MODEL_UNSUPPORTED, std::string("model ") + info.name + " does not give what is wanted");
        char hash[65] = "";
        severity_outputs outputs = SEVERITY_OUTPUTS_INIT;
        outputs.findings = found.findings.empty() ? nullptr : found.findings.data();
        outputs.finding_count = found.findings.size();
        outputs.logits = found.logits.empty() ? nullptr : found.logits.data();
        outputs.logit_count = found.logits.size();
        outputs.features = found.features.empty() ? nullptr : found.features.data();
        outputs.feature_count = found.features.size();
        outputs.input = found.input.empty() ? nullptr : found.input.data();
        outputs.input_count = found.input.size();
        outputs.sha256 = is_file ? hash : nullptr;
        outputs.sha256_size = is_file ? sizeof(hash) : 0;
        check(call(outputs, found.score));
        found.sha256 = hash;
        return found;
    }

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

// Decodes an image file without scoring it.
inline image decode(const std::string &path, const severity_options &options = default_options())
{
    image found{SEVERITY_IMAGE_INIT, {}};
    check(severity_decode_file(path.c_str(), &options, nullptr, 0, &found.info));
    found.data.resize(found.info.data_size);
    check(severity_decode_file(path.c_str(), &options, found.data.data(), found.data.size(), &found.info));
    return found;
}

// What is odd about the images of this thread's last call, a line each.
inline std::string last_warnings() { return severity_last_warnings(); }

// What this library is; its texts live as long as the library.
inline severity_library_info library()
{
    severity_library_info info = SEVERITY_LIBRARY_INFO_INIT;
    check(severity_get_library_info(&info));
    return info;
}

} // namespace severity

#endif
