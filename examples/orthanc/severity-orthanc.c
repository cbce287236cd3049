/*
 * An Orthanc plugin: scores each radiograph (CR, DX, DR, RG) that arrives, and puts a structured report and a picture of where the model
 * looked into its study. Research only, not for medical use.
 *
 * Whoever sends an image never waits for its score. Orthanc's own log of changes is the queue: a thread follows it, and what it has done is
 * kept in Orthanc's database, so a stop or a kill loses nothing. Results have the same identity each time, so that what was done twice is
 * stored once.
 *
 * In the environment:
 *   SEVERITY_MODEL      a model's file; else the built-in model
 *   SEVERITY_MAPS       0: no pictures
 *   SEVERITY_SINCE      the change from which on images are scored when the plugin starts for the first time: 0 scores the whole archive;
 *                       else only what arrives from then on is
 */
#define _GNU_SOURCE
#include <orthanc/OrthancCPlugin.h>
#include <severity.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* Where the number of the last change that was dealt with is kept, one of those that Orthanc leaves to plugins. */
#define DONE_PROPERTY 11823

#define CHANGES_AT_ONCE 100
#define ID_LENGTH 44 /* five groups of eight hexadecimal digits */
#define TRIES 5

typedef struct {
    unsigned char *at;
    size_t room;
} buffer;

static OrthancPluginContext *orthanc;
static severity_engine *engine;
static buffer report, capture;
static pthread_t worker;
static int has_worker;

/* When Orthanc was started, as it writes dates in its log. */
static char start[sizeof("20200101T000000")];

/* What the two threads share. */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t news = PTHREAD_COND_INITIALIZER;
static int has_news = 1, is_stopping;

static void say(void (*log)(OrthancPluginContext *, const char *), const char *what, const char *about, const char *why)
{
    char line[1024];
    snprintf(line, sizeof(line), "severity: %s%s%s%s", what, about, *why ? ": " : "", why);
    log(orthanc, line);
}

static int stopping(void)
{
    int stops;
    pthread_mutex_lock(&gate);
    stops = is_stopping;
    pthread_mutex_unlock(&gate);
    return stops;
}

/* Waits for something to arrive, or for `seconds`; never past the end. */
static void wait_for_news(int seconds)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += seconds;
    pthread_mutex_lock(&gate);
    while (!has_news && !is_stopping && pthread_cond_timedwait(&news, &gate, &until) == 0)
        ;
    has_news = 0;
    pthread_mutex_unlock(&gate);
}

/* An answer of Orthanc's own interface as text, or NULL; to be freed. */
static char *get(const char *address)
{
    OrthancPluginMemoryBuffer answer;
    char *text;
    if (OrthancPluginRestApiGet(orthanc, &answer, address) != OrthancPluginErrorCode_Success)
        return NULL;
    text = malloc(answer.size + 1);
    if (text != NULL) {
        memcpy(text, answer.data, answer.size);
        text[answer.size] = 0;
    }
    OrthancPluginFreeMemoryBuffer(orthanc, &answer);
    return text;
}

/* Where the value of a key begins in JSON that Orthanc wrote, or NULL. */
static const char *value_of(const char *json, const char *key)
{
    char quoted[32];
    snprintf(quoted, sizeof(quoted), "\"%s\"", key);
    json = strstr(json, quoted);
    return json == NULL ? NULL : json + strlen(quoted) + strspn(json + strlen(quoted), " :\"");
}

/* By the modality, not the class: some archives keep radiographs as Secondary Captures. Results are no radiographs. */
static int is_radiograph(const char *id)
{
    static const char *const modalities[] = {"CR", "DX", "DR", "RG"};
    char address[128], *modality;
    size_t i;
    int is = 0;
    snprintf(address, sizeof(address), "/instances/%s/content/0008-0060", id);
    modality = get(address);
    for (i = 0; modality != NULL && i < sizeof(modalities) / sizeof(*modalities); i++)
        is |= strncmp(modality, modalities[i], 2) == 0 && modality[2 + strspn(modality + 2, " ")] == 0;
    free(modality);
    return is;
}

/* Puts an object into Orthanc. */
static int store(const char *id, const void *object, size_t size)
{
    int left;
    for (left = TRIES; left > 0 && !stopping(); left--) {
        OrthancPluginMemoryBuffer answer;
        if (OrthancPluginRestApiPost(orthanc, &answer, "/instances", object, (uint32_t)size) == OrthancPluginErrorCode_Success) {
            OrthancPluginFreeMemoryBuffer(orthanc, &answer);
            return 1;
        }
        sleep(left > 1);
    }
    say(OrthancPluginLogError, "a result could not be stored for instance ", id, "");
    return 0;
}

/* Gives a buffer the room that is asked for; where memory lacks, it stays as it is. */
static int grow(buffer *what, size_t room)
{
    unsigned char *more = room <= what->room ? what->at : realloc(what->at, room);
    if (more == NULL)
        return 0;
    what->at = more;
    what->room = room > what->room ? room : what->room;
    return 1;
}

/* Scores an instance, and puts its results into Orthanc. Returns 0 only where the plugin stops before that is done. */
static int score(const char *id)
{
    OrthancPluginMemoryBuffer file;
    severity_result result = SEVERITY_RESULT_INIT;
    severity_dicom_results results = SEVERITY_DICOM_RESULTS_INIT;
    severity_status status;
    char name[80], line[160];
    int fits;

    if (OrthancPluginGetDicomForInstance(orthanc, &file, id) != OrthancPluginErrorCode_Success) {
        say(OrthancPluginLogWarning, "gone before it was scored: instance ", id, "");
        return 1;
    }
    snprintf(name, sizeof(name), "instance %s", id);
    do { /* again only where the buffers were too small */
        results.report = report.at;
        results.report_room = report.room;
        results.capture = capture.at;
        results.capture_room = capture.room;
        status = severity_dicom_encoded(engine, file.data, file.size, name, &results, &result);
        fits = results.report_size <= report.room && results.capture_size <= capture.room;
    } while (!fits && grow(&report, results.report_size) && grow(&capture, results.capture_size));
    OrthancPluginFreeMemoryBuffer(orthanc, &file);
    if (status == SEVERITY_ERROR_CANCELLED)
        return 0;
    if (status != SEVERITY_OK) {
        say(OrthancPluginLogWarning, "not scored: ", "", severity_last_error());
        return 1;
    }
    snprintf(line, sizeof(line), "%s: extent %.2f of 8, opacity %.2f of 6", name, result.geographic_extent, result.opacity);
    say(OrthancPluginLogInfo, line, "", "");
    if (store(id, report.at, results.report_size) && capture.at != NULL)
        store(id, capture.at, results.capture_size);
    return !stopping();
}

static long long number_of(const char *json, const char *key)
{
    const char *value = json == NULL ? NULL : value_of(json, key);
    return value == NULL ? -1 : atoll(value);
}

static void keep_done(long long done)
{
    char text[32];
    snprintf(text, sizeof(text), "%lld", done);
    OrthancPluginSetGlobalProperty(orthanc, DONE_PROPERTY, text);
}

/* A page of the log of changes, those after `since`; to be freed. */
static char *changes(long long since)
{
    char address[96];
    snprintf(address, sizeof(address), "/changes?since=%lld&limit=%d", since, CHANGES_AT_ONCE);
    return get(address);
}

/* The last change before Orthanc was started. */
static long long before_start(void)
{
    char *page = get("/changes?last");
    /* Images may have come since Orthanc began to listen; more than these have not. */
    long long last = number_of(page, "Last"), before = last > 1000 ? last - 1000 : 0, from = -1;
    int is_before = 1;
    free(page);
    while (is_before && from != before) {
        const char *change;
        page = changes(from = before);
        change = page == NULL ? NULL : value_of(page, "ChangeType");
        while (change != NULL && is_before) {
            const char *date = value_of(change, "Date");
            is_before = date != NULL && strncmp(date, start, sizeof(start) - 1) < 0;
            if (is_before)
                before = number_of(change, "Seq");
            change = value_of(change, "ChangeType");
        }
        free(page);
    }
    return before;
}

/* The last change that is dealt with: as it was kept, or at the first start as the environment says, or what came before that. */
static long long last_done(void)
{
    char *kept = OrthancPluginGetGlobalProperty(orthanc, DONE_PROPERTY, ""), line[64];
    const char *since = kept != NULL && *kept != 0 ? kept : getenv("SEVERITY_SINCE");
    long long done = since != NULL ? atoll(since) : before_start();
    if (kept != NULL)
        OrthancPluginFreeString(orthanc, kept);
    keep_done(done);
    snprintf(line, sizeof(line), "follows the changes after %lld", done);
    say(OrthancPluginLogWarning, line, "", "");
    return done;
}

/* Deals with the changes after `done`, a page of the log; returns the last one that is. */
static long long follow(long long done)
{
    static const char instance[] = "/instances/";
    char *page = changes(done);
    const char *change, *next;
    long long last = number_of(page, "Last");

    for (change = page == NULL ? NULL : value_of(page, "ChangeType"); change != NULL; change = next) {
        const char *path = value_of(change, "Path");
        long long at = number_of(change, "Seq");
        char id[ID_LENGTH + 1] = "";
        next = value_of(change, "ChangeType");
        if (strncmp(change, "NewInstance\"", 12) == 0 && path != NULL && strncmp(path, instance, sizeof(instance) - 1) == 0) {
            snprintf(id, sizeof(id), "%s", path + sizeof(instance) - 1);
            if (strlen(id) == ID_LENGTH && is_radiograph(id)) {
                if (!score(id))
                    break;
                keep_done(done = at);
            }
        }
        if (stopping())
            break;
    }
    if (change == NULL && last > done)
        keep_done(done = last);
    free(page);
    return done;
}

static void *work(void *unused)
{
    severity_options options = SEVERITY_OPTIONS_INIT;
    severity_engine *made;
    const char *model = getenv("SEVERITY_MODEL"), *maps = getenv("SEVERITY_MAPS");
    long long done = last_done();

    /* Orthanc comes first: one thread, and not before what Orthanc has to do. */
    options.threads = 1;
    options.max_concurrency = 1;
    setpriority(PRIO_PROCESS, (id_t)gettid(), 10);
    if ((model != NULL ? severity_create_from_file(model, &options, &made) : severity_create(&options, &made)) != SEVERITY_OK) {
        say(OrthancPluginLogError, "no image is scored", "", severity_last_error());
        return unused;
    }
    pthread_mutex_lock(&gate);
    engine = made;
    pthread_mutex_unlock(&gate);
    if (!grow(&report, 1 << 16) || ((maps == NULL || strcmp(maps, "0") != 0) && !grow(&capture, 1 << 20)))
        say(OrthancPluginLogError, "no memory for results", "", "");
    while (!stopping()) {
        long long now = follow(done);
        if (now == done)
            wait_for_news(60);
        done = now;
    }
    return unused;
}

static OrthancPluginErrorCode on_change(
    OrthancPluginChangeType change, OrthancPluginResourceType resource, const char *id)
{
    (void)resource;
    (void)id;
    /* Orthanc's interface answers from here on. */
    if (change == OrthancPluginChangeType_OrthancStarted && !has_worker)
        has_worker = pthread_create(&worker, NULL, work, NULL) == 0;
    if (change == OrthancPluginChangeType_NewInstance) {
        pthread_mutex_lock(&gate);
        has_news = 1;
        pthread_cond_signal(&news);
        pthread_mutex_unlock(&gate);
    }
    return OrthancPluginErrorCode_Success;
}

ORTHANC_PLUGINS_API int32_t OrthancPluginInitialize(OrthancPluginContext *context)
{
    time_t now = time(NULL);
    struct tm utc;
    orthanc = context;
    gmtime_r(&now, &utc);
    strftime(start, sizeof(start), "%Y%m%dT%H%M%S", &utc);
    if (!OrthancPluginCheckVersion(context)) {
        say(OrthancPluginLogError, "made for another version of Orthanc; build it with this one's orthanc-dev", "", "");
        return -1;
    }
    if (severity_abi_version() < SEVERITY_ABI_VERSION) {
        say(OrthancPluginLogError, "libseverity is older than the header that this plugin was built with", "", "");
        return -1;
    }
    OrthancPluginSetDescription(context, "Scores the severity of pneumonia on chest radiographs. Research only, not for medical use.");
    OrthancPluginRegisterOnChangeCallback(context, on_change);
    return 0;
}

ORTHANC_PLUGINS_API void OrthancPluginFinalize(void)
{
    pthread_mutex_lock(&gate);
    is_stopping = 1;
    pthread_cond_signal(&news);
    if (engine != NULL)
        severity_cancel(engine); /* what is being scored is scored anew at the next start */
    pthread_mutex_unlock(&gate);
    if (has_worker)
        pthread_join(worker, NULL);
    severity_destroy(engine);
    free(report.at);
    free(capture.at);
}

ORTHANC_PLUGINS_API const char *OrthancPluginGetName(void)
{
    return "severity";
}

ORTHANC_PLUGINS_API const char *OrthancPluginGetVersion(void)
{
    return "1";
}
