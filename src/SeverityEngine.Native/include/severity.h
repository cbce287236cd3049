/*
 * Severity Engine: a frontal chest X-ray in, two numbers out. Research only, not for medical use.
 *
 *   geographic extent, 0 to 8: how much of the lungs has ground-glass opacity or consolidation
 *   opacity, 0 to 6:           how dense it is
 *
 * Scores and their meaning: Cohen et al., Predicting COVID-19 Pneumonia Severity on Chest X-ray with Deep Learning, 2020.
 *
 *     severity_engine *engine;
 *     severity_result result = SEVERITY_RESULT_INIT;
 *     severity_status status = severity_create(NULL, &engine);
 *     if (status == SEVERITY_OK)
 *         status = severity_predict_file(engine, "chest.jpeg", &result);
 *     if (status != SEVERITY_OK)
 *         fprintf(stderr, "%s\n", severity_last_error());
 *     else
 *         printf("%.1f of 8, %.1f of 6\n", result.geographic_extent, result.opacity);
 *     severity_destroy(engine);
 *
 * The library is one file: ONNX Runtime and a model are inside. It needs a C library and libstdc++, and opens no connection.
 *
 * STATUS. Functions give SEVERITY_OK or the code of what went wrong, and then severity_last_error() tells the file, the fault and the
 * remedy. What a caller or a file can do wrong is a status and never a crash, except for pointers that do not point to what they say.
 *
 * STRUCTURES begin with their size in bytes, which the caller sets, best with the SEVERITY_..._INIT of each: so fields can be added at
 * their ends, and old programs work with new libraries. Fields that are left 0 mean the default. A field that this library does not know
 * must be 0 (SEVERITY_ERROR_INVALID_ARGUMENT) in what it reads, and becomes 0 in what it writes.
 *
 * TEXT is UTF-8 and ends with a zero byte, paths too. What the library hands out is its own: nobody frees it.
 *
 * THREADS. Any number of threads may call any function at the same time, with the same engine too.
 *
 * Call it in the default rounding mode (to nearest), without flush-to-zero: scores differ in their last digits in others, in which they are
 * not tested. A thread must not be canceled (pthread_cancel) or leave by longjmp while it is inside the library: what it holds would stay
 * held. To end a call early, use severity_cancel.
 *
 * WHAT CANNOT BE CAUGHT. The .NET runtime ends the process by itself (abort, exit code 134 in shells) where it cannot go on: a stack that
 * overflows, memory that it cannot get for its own structures, a heap that somebody has written over. Want of memory for images, models
 * and results is SEVERITY_ERROR_OUT_OF_MEMORY.
 *
 * THE HOST. The library writes nothing to standard output or error, and leaves the locale and the floating-point state alone. It contains
 * the .NET runtime, which begins with the first call of a function and then
 *   - handles SIGSEGV, SIGFPE and SIGRTMIN (on macOS SIGUSR1, and SIGPIPE is ignored): a handler that the host had set before gets what is
 *     not the library's; a host that sets its own afterwards should pass on to the one it replaces;
 *   - keeps a thread or two of its own, which are idle while no function is called;
 *   - sets ORT_DISABLE_TELEMETRY=1 in the environment, with setenv, when the first engine is created;
 *   - stays until the process ends: dlclose does no harm and frees nothing.
 * After fork, a child cannot use its parent's engines (SEVERITY_ERROR_INVALID_ARGUMENT); it can create its own, if no other thread of the
 * parent was inside the library at that moment. Best is to fork first.
 */
#ifndef SEVERITY_H
#define SEVERITY_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define SEVERITY_API __declspec(dllimport)
#else
#define SEVERITY_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The version of this ABI. It goes up by 1 with every addition; nothing is ever removed or changed in meaning. A library serves every
 * program whose header has its version or an earlier one: severity_abi_version() >= SEVERITY_ABI_VERSION.
 */
#define SEVERITY_ABI_VERSION 4

/* What went wrong: one of the numbers below. */
typedef int32_t severity_status;

enum {
    SEVERITY_OK = 0,

    SEVERITY_ERROR_INVALID_ARGUMENT = 1, /* an argument is NULL, out of its range, or contradicts another */
    SEVERITY_ERROR_DISPOSED = 2,         /* the engine has been destroyed */
    SEVERITY_ERROR_CANCELLED = 3,        /* the caller canceled the operation */

    SEVERITY_ERROR_FILE_NOT_FOUND = 10,
    SEVERITY_ERROR_FILE_UNREADABLE = 11, /* permissions, a folder, a device error */
    SEVERITY_ERROR_FILE_EMPTY = 12,
    SEVERITY_ERROR_FILE_TOO_LARGE = 13,
    SEVERITY_ERROR_FILE_UNWRITABLE = 14,

    SEVERITY_ERROR_IMAGE_FORMAT_UNKNOWN = 20,     /* bytes in no image format that is known */
    SEVERITY_ERROR_IMAGE_FORMAT_UNSUPPORTED = 21, /* a known format, or a feature of one, that is not read */
    SEVERITY_ERROR_IMAGE_TOO_LARGE = 22,          /* dimensions beyond the limits */
    SEVERITY_ERROR_IMAGE_TRUNCATED = 23,          /* the image ends before its data does */
    SEVERITY_ERROR_IMAGE_CORRUPT = 24,            /* data that contradict their format or checksum */
    SEVERITY_ERROR_IMAGE_OUTSIDE_DOMAIN = 25,     /* no frontal chest X-ray, and refuse_outside is set; since ABI version 3 */

    SEVERITY_ERROR_MODEL_NOT_FOUND = 30,
    SEVERITY_ERROR_MODEL_INVALID = 31,     /* not an ONNX model that can be run */
    SEVERITY_ERROR_MODEL_CONTRACT = 32,    /* it runs, but breaks the engine's model contract */
    SEVERITY_ERROR_MODEL_UNSUPPORTED = 33, /* it has no support for what is asked of it */
    SEVERITY_ERROR_MODEL_UNTRUSTED = 34,   /* it is more than data, and trust_model is not set; since ABI version 2 */

    SEVERITY_ERROR_CHECKPOINT_INVALID = 40, /* 40 to 43 come from the command alone; they stand here because there is one table */
    SEVERITY_ERROR_CHECKPOINT_LAYOUT = 41,
    SEVERITY_ERROR_VERIFICATION_FAILED = 42,
    SEVERITY_ERROR_DOWNLOAD_FAILED = 43,

    SEVERITY_ERROR_RUNTIME_UNAVAILABLE = 50, /* ONNX Runtime cannot be loaded */
    SEVERITY_ERROR_INFERENCE_FAILED = 51,    /* ONNX Runtime failed while running the model, or the model gave no numbers */
    SEVERITY_ERROR_OUT_OF_MEMORY = 52,
    SEVERITY_ERROR_INTERNAL = 99 /* a fault of the library itself; please report it */
};

/* How raw pixels lie in memory. Channel 0 is read, which is red in every color format; alpha is ignored. */
enum {
    SEVERITY_PIXELS_GRAY8 = 0,
    SEVERITY_PIXELS_GRAY16 = 1, /* unsigned, in the machine's byte order */
    SEVERITY_PIXELS_RGB24 = 2,
    SEVERITY_PIXELS_BGR24 = 3,
    SEVERITY_PIXELS_RGBA32 = 4,
    SEVERITY_PIXELS_BGRA32 = 5
};

/* The score that a saliency map explains, before it is clamped. */
enum {
    SEVERITY_TARGET_GEOGRAPHIC_EXTENT = 0,
    SEVERITY_TARGET_OPACITY = 1
};

/* How a saliency map is made. */
enum {
    SEVERITY_METHOD_GRADIENT = 0,        /* the score's gradient at the input, squared, blurred (sigma 5 pixels): as published; any model */
    SEVERITY_METHOD_CLASS_ACTIVATION = 1 /* what each place adds to the score; for models that are linear in averaged features */
};

/* What a saliency map's picture is drawn over. */
enum {
    SEVERITY_OVERLAY_INPUT = 0,   /* the network's input, S x S pixels */
    SEVERITY_OVERLAY_ORIGINAL = 1 /* the whole image, at its own size */
};

/* Which of a DICOM file's display settings its pixels go through before they are scored. */
enum {
    SEVERITY_DICOM_VOI_NONE = 0,   /* none, as in the published system */
    SEVERITY_DICOM_VOI_WINDOW = 1, /* the modality's table or rescaling, then the first VOI table or window; logged where there is none */
    SEVERITY_DICOM_VOI_AUTO = 2    /* the same; where there is neither, the values that the picture uses are spread */
};

/* Whether a picture is of the kind that the model is made for. */
enum {
    SEVERITY_DOMAIN_NOT_CHECKED = 0,
    SEVERITY_DOMAIN_INSIDE = 1,
    SEVERITY_DOMAIN_OUTSIDE = 2 /* the scores mean nothing */
};

/* Why it is not. */
enum {
    SEVERITY_REASON_NONE = 0,
    SEVERITY_REASON_NOT_AN_X_RAY = 1, /* it does not look like a frontal chest X-ray */
    SEVERITY_REASON_ASPECT = 2,       /* so wide or so high that much of it is cropped away */
    SEVERITY_REASON_TURNED_COUNTERCLOCKWISE = 3,
    SEVERITY_REASON_UPSIDE_DOWN = 4,
    SEVERITY_REASON_TURNED_CLOCKWISE = 5,
    SEVERITY_REASON_INVERTED = 6, /* black and white are exchanged */
    SEVERITY_REASON_INVERTED_TURNED_COUNTERCLOCKWISE = 7,
    SEVERITY_REASON_INVERTED_UPSIDE_DOWN = 8,
    SEVERITY_REASON_INVERTED_TURNED_CLOCKWISE = 9
};

/* The levels of the log. */
enum {
    SEVERITY_LOG_INFORMATION = 1, /* what was loaded */
    SEVERITY_LOG_WARNING = 2      /* what is odd about an image, though it could be read */
};

/* An engine: one model, ready to score. Not an address that can be followed. */
typedef struct severity_engine severity_engine;

/*
 * Gets a line of the log. It is called by the thread that called the library, before that call returns, and has to return normally: no
 * longjmp, no exception. The text is valid until then. It must not destroy the engine that is calling, but may call anything else.
 */
typedef void (*severity_log_callback)(void *context, int32_t level, const char *message);

/* How an engine is made. Everything left 0 is the default. */
typedef struct severity_options {
    uint32_t size;               /* sizeof(severity_options) */
    int32_t threads;             /* threads that one prediction uses; 0: all cores, the lowest latency. 1 is best for many at once */
    int32_t max_concurrency;     /* predictions that run at once, further callers wait; 0: the number of processors */
    int32_t max_side;            /* the longest side of an image that is not refused, in pixels; 0: 32,768 */
    int64_t max_pixels;          /* the most pixels in an image; 0: 100,000,000 */
    int64_t max_file_bytes;      /* the largest image file, in bytes; 0: 268,435,456 */
    severity_log_callback log;   /* NULL: no log */
    void *log_context;           /* what the callback is given first */
    int32_t trust_model;         /* 1: the model may be more than data, and could end this process, run for ever or take all memory; 0: such
                                    a model is refused. Since ABI version 2 */
    int32_t reserved;            /* 0 */
    int32_t dicom_voi;           /* SEVERITY_DICOM_VOI_...: which display settings of DICOM files are applied. This and the next two since
                                    ABI version 3 */
    int32_t dicom_frame;         /* the frame that is read of a DICOM file, from 1; 0: files with several are refused */
    int32_t dicom_any_modality;  /* 1: DICOM images of modalities that make no radiographs are read too, and logged; 0: they are refused */
    int32_t refuse_outside;      /* 1: a picture that does not look like a frontal chest X-ray is refused, IMAGE_OUTSIDE_DOMAIN; 0: it is
                                    scored, and domain_verdict says what it is worth. This and the next since ABI version 3 */
    int32_t interval_percent;    /* the level of the intervals in severity_result: 80, 90 or 95; 0: 90 */
    int32_t reserved_2;          /* 0 */
} severity_options;

/* Raw pixels in the caller's memory. They are read during the call and not kept. */
typedef struct severity_pixels {
    uint32_t size;      /* sizeof(severity_pixels) */
    int32_t format;     /* SEVERITY_PIXELS_... */
    const void *data;   /* row after row, top row first; any alignment */
    size_t data_size;   /* the bytes that there are at data, to be checked; 0: as many as width, height and stride say */
    int32_t width;      /* pixels in a row, at least 1 */
    int32_t height;     /* rows, at least 1 */
    int64_t stride;     /* bytes from one row to the next; 0: rows without a gap. Even for 16 bits */
    int32_t max_value;  /* the value of full white; 0: 255, or 65,535 for 16 bits; 4095 for 12-bit pixels in 16 bits */
    int32_t reserved;   /* 0 */
} severity_pixels;

/* A score, and what it is worth. Where there is none, because a call failed, the four scores are NaN; so is what is not known. */
typedef struct severity_result {
    uint32_t size;                /* sizeof(severity_result) */
    uint32_t warnings;            /* how many oddities of the file went to the log, and to severity_last_warnings */
    double geographic_extent;     /* within the model's range, 0 to 8 */
    double opacity;               /* within the model's range, 0 to 6 */
    double geographic_extent_raw; /* before it was clamped to its range */
    double opacity_raw;           /* before it was clamped to its range */
    double decode_ms;             /* reading and decoding the file; 0 for pixels */
    double preprocess_ms;         /* crop and resize into the network's input */
    double infer_ms;              /* the network */
    double interval_level;        /* the share of experts' scores that lie in such intervals, 0.9; NaN outside the domain, and where the model
                                     does not say. From here on since ABI version 3 */
    double geographic_extent_low; /* where an expert's extent lies, within the model's range */
    double geographic_extent_high;
    double opacity_low;           /* where an expert's opacity lies */
    double opacity_high;
    double domain_ratio;          /* how far the picture is from those that the model is made for; above 1 it is outside */
    double domain_picture_ratio;  /* the picture's own distance, at 16 x 16 */
    double domain_feature_ratio;  /* that of the network's features; NaN where the model does not say what they are like */
    int32_t domain_verdict;       /* SEVERITY_DOMAIN_... */
    int32_t domain_reason;        /* SEVERITY_REASON_... */
    double domain_contrast_ratio; /* above 1 the picture's contrast looks enhanced locally (CLAHE, sharpening), and the scores may be off;
                                     since ABI version 4 */
} severity_result;

/* A saliency map that is wanted, and the caller's memory for it. */
typedef struct severity_map {
    uint32_t size;     /* sizeof(severity_map) */
    int32_t target;    /* SEVERITY_TARGET_... */
    int32_t method;    /* SEVERITY_METHOD_... */
    int32_t reserved;  /* 0 */
    float *values;     /* receives S x S values, row after row, top row first; S is input_size of severity_model_info, 224 as built in */
    size_t count;      /* the room at values, in floats: S x S */
} severity_map;

/*
 * What is wanted beyond the two scores, and the caller's memory for it. NULL with 0 places is not wanted; every other buffer must have
 * exactly the places that are told here. S is input_size of severity_model_info. Since ABI version 4.
 */
typedef struct severity_outputs {
    uint32_t size;          /* sizeof(severity_outputs) */
    int32_t target;         /* SEVERITY_TARGET_..., of the map and its picture */
    int32_t method;         /* SEVERITY_METHOD_... */
    int32_t overlay;        /* SEVERITY_OVERLAY_..., of the picture */
    double *findings;       /* receives the probability of each label, 0 to 1, calibrated by the model's operating points where it has them */
    size_t finding_count;   /* label_count of severity_model_info */
    float *logits;          /* receives the logit of each label */
    size_t logit_count;     /* label_count */
    float *features;        /* receives the pooled features */
    size_t feature_count;   /* feature_count of severity_model_info */
    float *input;           /* receives the network's input, row after row, -1024 to 1024 */
    size_t input_count;     /* S x S */
    float *map;             /* receives the saliency map, as values of severity_map */
    size_t map_count;       /* S x S */
    unsigned char *picture; /* receives the map's picture: red, green, blue, row after row; viridis over gray */
    size_t picture_size;    /* bytes: 3 x S x S, or with SEVERITY_OVERLAY_ORIGINAL 3 x width x height of the image */
    char *sha256;           /* receives the SHA-256 of the file's bytes as text; not for raw pixels */
    size_t sha256_size;     /* bytes: at least 65, for 64 hexadecimal digits and the zero byte */
    double picture_end;     /* 0: colors from the map's least to its largest value, half transparent, as published; above 0: from 0 to this
                               value, so that maps can be compared, and the X-ray shows through where the map is near 0 */
} severity_outputs;

/*
 * Results as DICOM objects that are wanted, and the caller's memory for them. NULL with no room is not wanted. Since ABI version 4.
 */
typedef struct severity_dicom_results {
    uint32_t size;        /* sizeof(severity_dicom_results) */
    int32_t target;       /* SEVERITY_TARGET_..., of the map in the capture */
    int32_t method;       /* SEVERITY_METHOD_... */
    int32_t overlay;      /* SEVERITY_OVERLAY_...: over the network's input, or over the whole image at its own size */
    void *report;         /* receives the file of the structured report (Comprehensive 3D SR, TID 1500) */
    size_t report_room;   /* the bytes at report; 64 KiB take all but the oddest */
    size_t report_size;   /* is set to the bytes of the report, or to what it takes where the room was too small */
    void *capture;        /* receives the file of the saliency map's picture (Secondary Capture), marked as research only */
    size_t capture_room;  /* the bytes at capture; over the network's input 1 MiB takes those of the built-in model */
    size_t capture_size;  /* is set as report_size is */
    double picture_end;   /* 0: the picture's colors end at the map's largest value; above 0: at this one */
} severity_dicom_results;

/* What an image file holds once it is decoded: channel 0, rows without a gap, top row first. All 0 after a failure. Since ABI version 4. */
typedef struct severity_image {
    uint32_t size;      /* sizeof(severity_image) */
    uint32_t warnings;  /* how many lines severity_last_warnings has */
    int32_t width;      /* pixels in a row */
    int32_t height;     /* rows */
    int32_t format;     /* SEVERITY_PIXELS_GRAY8 or SEVERITY_PIXELS_GRAY16 */
    int32_t bits;       /* of a pixel in memory, 8 or 16 */
    int32_t max_value;  /* the value of full white; with format, for severity_pixels */
    int32_t reserved;   /* 0 */
    size_t data_size;   /* the bytes of all pixels */
} severity_image;

/* What a model says of itself. The texts live as long as its engine. */
typedef struct severity_model_info {
    uint32_t size;                    /* sizeof(severity_model_info) */
    int32_t input_size;               /* width and height of the network's input, S, in pixels */
    double geographic_extent_lowest;  /* the model's ranges */
    double geographic_extent_highest;
    double opacity_lowest;
    double opacity_highest;
    const char *name;                 /* for example "severity-compact" */
    const char *version;
    const char *source;               /* the path that it came from, or "the built-in model" */
    size_t metadata_count;            /* how many entries severity_get_model_metadata has */
    size_t label_count;               /* findings that the model has logits for; 0 as built in. This and the next two since ABI version 4 */
    const char *const *labels;        /* their names, label_count of them, for example "Effusion"; NULL where there are none */
    size_t feature_count;             /* pooled features that the model gives; 0 for none */
} severity_model_info;

/* What this library is. The texts live as long as the library. */
typedef struct severity_library_info {
    uint32_t size;                    /* sizeof(severity_library_info) */
    uint32_t abi_version;             /* as severity_abi_version() */
    const char *version;              /* the engine's, for example "0.1.0" */
    const char *onnx_runtime_version;
    const char *instruction_sets;     /* that preprocessing uses here, for example "AVX2, FMA" */
    const char *notices;              /* the licenses of everything inside, to be passed on with it */
} severity_library_info;

/* Starting values: the size is set, everything else is 0. */
#define SEVERITY_OPTIONS_INIT {(uint32_t)sizeof(severity_options), 0, 0, 0, 0, 0, NULL, NULL, 0, 0, 0, 0, 0, 0, 0, 0}
#define SEVERITY_PIXELS_INIT {(uint32_t)sizeof(severity_pixels), 0, NULL, 0, 0, 0, 0, 0, 0}
#define SEVERITY_RESULT_INIT {(uint32_t)sizeof(severity_result), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
#define SEVERITY_MAP_INIT {(uint32_t)sizeof(severity_map), 0, 0, 0, NULL, 0}
#define SEVERITY_MODEL_INFO_INIT {(uint32_t)sizeof(severity_model_info), 0, 0, 0, 0, 0, NULL, NULL, NULL, 0, 0, NULL, 0}
#define SEVERITY_OUTPUTS_INIT \
    {(uint32_t)sizeof(severity_outputs), 0, 0, 0, NULL, 0, NULL, 0, NULL, 0, NULL, 0, NULL, 0, NULL, 0, NULL, 0, 0}
#define SEVERITY_DICOM_RESULTS_INIT {(uint32_t)sizeof(severity_dicom_results), 0, 0, 0, NULL, 0, 0, NULL, 0, 0, 0}
#define SEVERITY_IMAGE_INIT {(uint32_t)sizeof(severity_image), 0, 0, 0, 0, 0, 0, 0, 0}
#define SEVERITY_LIBRARY_INFO_INIT {(uint32_t)sizeof(severity_library_info), 0, NULL, NULL, NULL, NULL}

/* The version of the library's ABI, to be compared with SEVERITY_ABI_VERSION. Never fails. */
SEVERITY_API uint32_t severity_abi_version(void);

/*
 * Why the calling thread's last call failed; empty if it succeeded. The text is valid until the thread's next call of a function that
 * gives a status, or the thread's end. Never NULL, unless the thread could get no memory at all.
 */
SEVERITY_API const char *severity_last_error(void);

/*
 * What is odd about the image files that the calling thread's last call read: the lines of the log's warnings, divided by line feeds, each
 * beginning with the image's name; empty if nothing is. As long valid as severity_last_error's text, and never NULL as that. Of raw pixels
 * nothing is said: their severity_result has it all. Since ABI version 4.
 */
SEVERITY_API const char *severity_last_warnings(void);

/* A status by its name, for example "image_truncated"; "unknown" for a number that is none. The command's JSON has the same names. */
SEVERITY_API const char *severity_status_name(severity_status status);

/*
 * Fills in what the library is. Loads ONNX Runtime, if no engine has yet.
 * Fails with INVALID_ARGUMENT, RUNTIME_UNAVAILABLE.
 */
SEVERITY_API severity_status severity_get_library_info(severity_library_info *info);

/*
 * Creates an engine with the built-in model, severity-compact. It takes some tens of milliseconds and is meant to be done once.
 *   options  how; NULL for the defaults
 *   engine   receives the engine, which severity_destroy frees; NULL after a failure
 * Fails with INVALID_ARGUMENT, RUNTIME_UNAVAILABLE, OUT_OF_MEMORY.
 */
SEVERITY_API severity_status severity_create(const severity_options *options, severity_engine **engine);

/*
 * Creates an engine with a model from a file: one that keeps the engine's model contract, such as 'severity model' makes.
 * Fails as severity_create does, and with MODEL_NOT_FOUND, MODEL_INVALID, MODEL_CONTRACT, MODEL_UNTRUSTED.
 */
SEVERITY_API severity_status severity_create_from_file(const char *path, const severity_options *options, severity_engine **engine);

/*
 * Creates an engine with an installed model, one of those that 'severity model install' and 'severity model import' put into the user's
 * store: in SEVERITY_HOME, else where the system keeps a program's data. It is held against the record of its installation.
 *   name  as 'severity model list' shows it, for example "xrv-densenet121-cidc"
 * Fails as severity_create_from_file does, and with VERIFICATION_FAILED where the file is not what was installed. Since ABI version 4.
 */
SEVERITY_API severity_status severity_create_from_installed(
    const char *name, const severity_options *options, severity_engine **engine);

/*
 * Creates an engine with a model from memory: the content of such a file. It is copied: the caller may free it after the call.
 * Fails as severity_create_from_file does.
 */
SEVERITY_API severity_status severity_create_from_memory(
    const void *model, size_t size, const severity_options *options, severity_engine **engine);

/*
 * Cancels the calls of this engine that score or explain and have begun, in any thread, batches too: they end with
 * CANCELLED as soon as the network's operator that is computed is finished. One whose network is finished already gives its score. Returns
 * at once; later calls score as before. Any thread may call it at any time, but no signal handler. Since ABI version 2.
 * Fails with INVALID_ARGUMENT, DISPOSED.
 */
SEVERITY_API severity_status severity_cancel(severity_engine *engine);

/*
 * Destroys an engine: waits for predictions that are running, and frees it. Calls that come later, or wait for their turn, give
 * DISPOSED; so does destroying it again. NULL is no engine, and nothing is done.
 * Fails with INVALID_ARGUMENT, DISPOSED.
 */
SEVERITY_API severity_status severity_destroy(severity_engine *engine);

/* Fills in what the engine's model says of itself. Fails with INVALID_ARGUMENT, DISPOSED. */
SEVERITY_API severity_status severity_get_model_info(severity_engine *engine, severity_model_info *info);

/*
 * Gives an entry of what the model's file says: license, source, citation and more. Entries are in the order of their keys.
 *   index       0 to metadata_count - 1
 *   key, value  receive texts that live as long as the engine
 * Fails with INVALID_ARGUMENT, DISPOSED.
 */
SEVERITY_API severity_status severity_get_model_metadata(
    severity_engine *engine, size_t index, const char **key, const char **value);

/*
 * Gives the SHA-256 of the model's file, as 64 hexadecimal digits. It is computed when it is first asked for, some 3 ms for each MiB.
 *   sha256  receives a text that lives as long as the engine
 * Fails with INVALID_ARGUMENT, DISPOSED, and MODEL_NOT_FOUND where the model's file is gone or is another since. Since ABI version 4.
 */
SEVERITY_API severity_status severity_get_model_sha256(severity_engine *engine, const char **sha256);

/*
 * Scores an image file in any format that the engine reads.
 * Fails with INVALID_ARGUMENT, DISPOSED, CANCELLED, a FILE_ or IMAGE_ code, INFERENCE_FAILED, OUT_OF_MEMORY.
 */
SEVERITY_API severity_status severity_predict_file(severity_engine *engine, const char *path, severity_result *result);

/*
 * Scores an image file that is in memory.
 *   data, size  the file's bytes
 *   name        what messages call the image; NULL for "image"
 * Fails with INVALID_ARGUMENT, DISPOSED, CANCELLED, FILE_EMPTY, FILE_TOO_LARGE, an IMAGE_ code, INFERENCE_FAILED, OUT_OF_MEMORY.
 */
SEVERITY_API severity_status severity_predict_encoded(
    severity_engine *engine, const void *data, size_t size, const char *name, severity_result *result);

/*
 * Scores raw pixels. After the first calls it takes no memory.
 * Fails with INVALID_ARGUMENT, DISPOSED, CANCELLED, IMAGE_TOO_LARGE, INFERENCE_FAILED.
 */
SEVERITY_API severity_status severity_predict_pixels(severity_engine *engine, const severity_pixels *pixels, severity_result *result);

/*
 * Scores a batch of images, up to max_concurrency at once. A bad one does not keep the others from their scores.
 *   images    count of them; all have the size that the first one says
 *   results   receives as many results; the first one's size, which the caller sets, is that of all, and the others' are set to it
 *   statuses  receives as many statuses, what severity_predict_pixels would give for each; NULL if the NaNs are enough
 * Gives the status of the first image that failed, and severity_last_error() its number, counted from 0; SEVERITY_OK if none did.
 * When it is the arguments that are wrong, or the engine, nothing is written.
 */
SEVERITY_API severity_status severity_predict_batch(
    severity_engine *engine, const severity_pixels *images, size_t count, severity_result *results, severity_status *statuses);

/*
 * Scores image files, up to max_concurrency at once: severity_predict_batch for paths. The log's lines and severity_last_warnings come when
 * all are finished, in the order of the paths, also when some failed. Since ABI version 4.
 *   paths     count of them; one that is NULL or no file fails alone
 *   results   as in severity_predict_batch
 *   statuses  receives as many statuses, what severity_predict_file would give for each; NULL if the NaNs are enough
 */
SEVERITY_API severity_status severity_predict_files(
    severity_engine *engine, const char *const *paths, size_t count, severity_result *results, severity_status *statuses);

/*
 * Scores an image file, and gives whatever else is wanted of it: the network runs once. A map costs what it does in severity_explain_file.
 *   outputs  what is wanted, and where it goes; after a failure what is there means nothing
 * Fails as severity_predict_file does, with INVALID_ARGUMENT for a buffer of another size, and as severity_explain_file does where the model
 * does not give what is wanted. Since ABI version 4.
 */
SEVERITY_API severity_status severity_analyze_file(
    severity_engine *engine, const char *path, const severity_outputs *outputs, severity_result *result);

/* As severity_analyze_file, for an image file in memory; as severity_predict_encoded. Since ABI version 4. */
SEVERITY_API severity_status severity_analyze_encoded(
    severity_engine *engine, const void *data, size_t size, const char *name, const severity_outputs *outputs, severity_result *result);

/*
 * As severity_analyze_file, for raw pixels; as severity_predict_pixels. After the first calls it takes no memory, unless a picture is wanted.
 * Since ABI version 4.
 */
SEVERITY_API severity_status severity_analyze_pixels(
    severity_engine *engine, const severity_pixels *pixels, const severity_outputs *outputs, severity_result *result);

/*
 * Scores a DICOM file, and gives the results as DICOM objects of the same patient and study, for the archive that it came from: what
 * 'severity predict --dicom-report --dicom-saliency' writes. The same file, model and engine give the same UIDs, and the same bytes but for
 * the dates. A file without StudyInstanceUID has no study that they could join, and fails.
 *   results  what is wanted, and where it goes. Room that is too small is INVALID_ARGUMENT, and the sizes say what it takes
 * Fails as severity_explain_file does, and with IMAGE_FORMAT_UNSUPPORTED for what is no DICOM file or lacks a UID. Since ABI version 4.
 */
SEVERITY_API severity_status severity_dicom_file(
    severity_engine *engine, const char *path, severity_dicom_results *results, severity_result *result);

/* As severity_dicom_file, for a DICOM file in memory; as severity_predict_encoded. Since ABI version 4. */
SEVERITY_API severity_status severity_dicom_encoded(
    severity_engine *engine, const void *data, size_t size, const char *name, severity_dicom_results *results, severity_result *result);

/*
 * Decodes an image file to pixels and scores nothing: what severity_predict_file would read. It needs no engine.
 *   options  the limits and the DICOM fields are used; NULL for the defaults
 *   pixels   receives data_size bytes, 16-bit pixels in the machine's byte order; NULL, with room 0, for the sizes alone: the file is decoded
 *            for them too, so what they say of it holds
 *   room     the bytes at pixels, at least data_size
 *   image    receives what is there
 * Fails with INVALID_ARGUMENT, a FILE_ or IMAGE_ code, OUT_OF_MEMORY. Since ABI version 4.
 */
SEVERITY_API severity_status severity_decode_file(
    const char *path, const severity_options *options, void *pixels, size_t room, severity_image *image);

/* As severity_decode_file, for an image file in memory; name as in severity_predict_encoded. Since ABI version 4. */
SEVERITY_API severity_status severity_decode_encoded(
    const void *data, size_t size, const char *name, const severity_options *options, void *pixels, size_t room, severity_image *image);

/*
 * Finds where the model looked in an image, and scores it: severity_predict_file with a map of the center square that the network sees,
 * scaled to its input. A map by the gradient is 0 or larger; one of class activations also has negative values, where a place speaks
 * against the score. The first call for a target and a method takes some tenths of a second and the memory of a further model or two.
 * The scores can differ from severity_predict_file's in the last digits of a float.
 *   map  what is wanted, and where it goes; after a failure the values there mean nothing
 * Fails as severity_predict_file does, with MODEL_UNSUPPORTED where the method does not apply to the model, and with MODEL_NOT_FOUND where
 * the model's file is gone or is another since.
 */
SEVERITY_API severity_status severity_explain_file(
    severity_engine *engine, const char *path, const severity_map *map, severity_result *result);

/* As severity_explain_file, for an image file in memory; as severity_predict_encoded. */
SEVERITY_API severity_status severity_explain_encoded(
    severity_engine *engine, const void *data, size_t size, const char *name, const severity_map *map, severity_result *result);

/* As severity_explain_file, for raw pixels; as severity_predict_pixels. After the first calls it takes no memory. */
SEVERITY_API severity_status severity_explain_pixels(
    severity_engine *engine, const severity_pixels *pixels, const severity_map *map, severity_result *result);

#ifdef __cplusplus
}
#endif

#endif
