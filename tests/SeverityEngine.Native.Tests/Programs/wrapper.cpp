// The wrapper of severity.hpp: owners, exceptions, batches, maps and what else is given. Arguments: an image, the model that gives
// mean / 256 and -mean / 512, the one with findings of analyze.c, which is also installed as "good", and a DICOM file.
#include "severity.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            std::exit(1); \
        } \
    } while (0)

template <typename Call>
severity_status fails(Call call)
{
    try {
        call();
    } catch (const severity::error &e) {
        CHECK(std::strlen(e.what()) > 0 && std::strcmp(e.name(), severity_status_name(e.code())) == 0);
        return e.code();
    }
    return SEVERITY_OK;
}

int main(int count, char **arguments)
{
    CHECK(count == 5);
    CHECK(severity::library().abi_version == SEVERITY_ABI_VERSION);
    CHECK(fails([] { severity::engine missing("/no/such.onnx"); }) == SEVERITY_ERROR_MODEL_NOT_FOUND);

    severity::engine first{std::string(arguments[2])};
    severity_engine *const handle = first.get();
    severity::engine engine{std::move(first)};
    CHECK(engine.get() == handle && first.get() == nullptr);
    CHECK(fails([&] { first.predict(std::string(arguments[1])); }) == SEVERITY_ERROR_INVALID_ARGUMENT);
    first = std::move(engine);
    engine = std::move(first);
    CHECK(engine.get() == handle);
    CHECK(std::strcmp(engine.model().name, "mean") == 0 && engine.metadata().at("severity.version") == "2.1");

    const severity::score score = engine.predict(std::string(arguments[1]));
    CHECK(std::isfinite(score.geographic_extent_raw) && std::fabs(score.opacity_raw + score.geographic_extent_raw / 2) < 1e-5);
    CHECK(fails([&] { engine.predict("/no/such.png"); }) == SEVERITY_ERROR_FILE_NOT_FOUND);
    CHECK(fails([&] { engine.predict("nothing", 7); }) == SEVERITY_ERROR_IMAGE_FORMAT_UNKNOWN);

    const severity::dicom_results dicom = engine.dicom(arguments[4]);
    CHECK(dicom.score.opacity_raw == engine.predict(std::string(arguments[4])).opacity_raw);
    CHECK(dicom.report.size() > 1000 && std::memcmp(&dicom.report[128], "DICM", 4) == 0);
    CHECK(dicom.capture.size() > dicom.report.size() && std::memcmp(&dicom.capture[128], "DICM", 4) == 0);
    CHECK(engine.dicom(arguments[4], true, false).capture.empty());
    CHECK(fails([&] { engine.dicom(arguments[1]); }) == SEVERITY_ERROR_IMAGE_FORMAT_UNSUPPORTED);

    const std::vector<unsigned char> black(32 * 32);
    severity_pixels pixels = severity::pixels(black.data(), black.size(), 32, 32);
    CHECK(engine.predict(pixels).geographic_extent_raw == -4);
    severity_pixels bad = pixels;
    bad.height = 33;
    const std::vector<severity::batch_score> batch = engine.predict(std::vector<severity_pixels>{pixels, bad, pixels});
    CHECK(batch.size() == 3 && batch[0].status == SEVERITY_OK && batch[1].status == SEVERITY_ERROR_INVALID_ARGUMENT);
    CHECK(batch[2].score.geographic_extent_raw == -4 && std::isnan(batch[1].score.opacity));
    CHECK(engine.predict(std::vector<severity_pixels>{}).empty());

    const severity::saliency map = engine.explain(pixels, SEVERITY_TARGET_OPACITY);
    CHECK(map.size == 32 && map.values.size() == 32 * 32 && map.values[5] > 0 && map.score.geographic_extent_raw == -4);
    CHECK(engine.explain(std::string(arguments[1])).values[7] > 0);
    CHECK(fails([&] { engine.explain(pixels, 0, SEVERITY_METHOD_CLASS_ACTIVATION); }) == SEVERITY_ERROR_MODEL_UNSUPPORTED);

    const std::vector<severity::batch_score> files = engine.predict_files({arguments[1], "/no/such.png", arguments[1]});
    CHECK(files.size() == 3 && files[1].status == SEVERITY_ERROR_FILE_NOT_FOUND && std::isnan(files[1].score.opacity));
    CHECK(files[2].score.geographic_extent_raw == score.geographic_extent_raw && severity::last_warnings().empty());
    const severity::image decoded = severity::decode(arguments[1]);
    CHECK(decoded.info.width > 0 && decoded.data.size() == decoded.info.data_size);
    CHECK(engine.predict(decoded.view()).geographic_extent_raw == score.geographic_extent_raw);

    severity::wanted what;
    what.input = true;
    CHECK(engine.analyze(pixels, what).input.at(32 * 32 - 1) == -1024 && engine.analyze(pixels, what).sha256.empty());
    what.findings = what.features = true;
    CHECK(fails([&] { engine.analyze(pixels, what); }) == SEVERITY_ERROR_MODEL_UNSUPPORTED && engine.labels().empty());
    const severity::engine rich{std::string(arguments[3])}, installed = severity::engine::installed("good");
    CHECK(rich.labels() == std::vector<std::string>({"Effusion", "Mass", "Edema"}) && rich.model_sha256() == installed.model_sha256());
    const severity::analysis all = installed.analyze(std::string(arguments[1]), what);
    CHECK(std::fabs(all.logits.at(0) - score.geographic_extent_raw / 2) < 1e-4 && all.features.size() == 2 && all.sha256.size() == 64);
    CHECK(std::fabs(all.findings.at(1) - 1 / (1 + std::exp(-double(all.logits.at(1))))) < 1e-9);
    std::puts("ok");
    return 0;
}
