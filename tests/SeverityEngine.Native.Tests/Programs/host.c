/*
 * A host that minds its process: its signal handlers, locale, floating-point state, standard output and threads, before and after the
 * library was loaded, used, closed and loaded again. Arguments: the library, a model.
 */
#define _GNU_SOURCE
#include "severity.h"

#include <dlfcn.h>
#include <fenv.h>
#include <locale.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            exit(1); \
        } \
    } while (0)

static void *library;
static severity_status (*create)(const char *, const severity_options *, severity_engine **);
static severity_status (*destroy)(severity_engine *);
static severity_status (*predict)(severity_engine *, const severity_pixels *, severity_result *);
static severity_status (*batch)(severity_engine *, const severity_pixels *, size_t, severity_result *, severity_status *);
static const char *(*last_error)(void);

static void load(const char *path)
{
    library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    CHECK(library != NULL);
    *(void **)&create = dlsym(library, "severity_create_from_file");
    *(void **)&destroy = dlsym(library, "severity_destroy");
    *(void **)&predict = dlsym(library, "severity_predict_pixels");
    *(void **)&batch = dlsym(library, "severity_predict_batch");
    *(void **)&last_error = dlsym(library, "severity_last_error");
    CHECK(create != NULL && destroy != NULL && predict != NULL && batch != NULL && last_error != NULL);
}

static severity_status score(severity_engine *engine, double *extent)
{
    unsigned char data[32 * 32] = {0};
    severity_pixels pixels = SEVERITY_PIXELS_INIT;
    severity_result result = SEVERITY_RESULT_INIT;
    severity_status status;
    pixels.data = data;
    pixels.width = pixels.height = 32;
    status = predict(engine, &pixels, &result);
    *extent = result.geographic_extent_raw;
    return status;
}

static void use(const char *model)
{
    severity_options options = SEVERITY_OPTIONS_INIT;
    severity_engine *engine;
    double extent;
    options.threads = 1;
    CHECK(create(model, &options, &engine) == SEVERITY_OK);
    CHECK(score(engine, &extent) == SEVERITY_OK && extent == -4);
    CHECK(destroy(engine) == SEVERITY_OK);
}

/* A child's exit code, or -1 if it does not end by itself within 30 seconds. */
static int wait_for(pid_t child)
{
    int status, tenths;
    for (tenths = 0; tenths < 300; tenths++) {
        if (waitpid(child, &status, WNOHANG) == child)
            return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        usleep(100000);
    }
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return -1;
}

static void check_fork_before(const char *model)
{
    pid_t child = fork();
    if (child == 0) {
        use(model);
        _exit(0);
    }
    CHECK(wait_for(child) == 0);
}

static void check_fork_after(const char *model)
{
    severity_options options = SEVERITY_OPTIONS_INIT;
    severity_engine *engine;
    double extent;
    int i;
    pid_t child;
    CHECK(create(model, &options, &engine) == SEVERITY_OK);
    CHECK(score(engine, &extent) == SEVERITY_OK);
    child = fork();
    if (child == 0) {
        severity_engine *own;
        unsigned char data[32 * 32] = {0};
        severity_pixels images[8];
        severity_result results[8] = {SEVERITY_RESULT_INIT};
        CHECK(score(engine, &extent) == SEVERITY_ERROR_INVALID_ARGUMENT && strstr(last_error(), "fork") != NULL);
        CHECK(destroy(engine) == SEVERITY_ERROR_INVALID_ARGUMENT);
        for (i = 0; i < 20; i++)
            use(model);
        CHECK(create(model, &options, &own) == SEVERITY_OK);
        for (i = 0; i < 8; i++) {
            severity_pixels image = SEVERITY_PIXELS_INIT;
            image.data = data;
            image.width = image.height = 32;
            images[i] = image;
        }
        CHECK(batch(own, images, 8, results, NULL) == SEVERITY_OK && results[7].geographic_extent_raw == -4);
        CHECK(destroy(own) == SEVERITY_OK);
        _exit(0);
    }
    CHECK(wait_for(child) == 0);
    CHECK(score(engine, &extent) == SEVERITY_OK && extent == -4);
    CHECK(destroy(engine) == SEVERITY_OK);
}

static sigjmp_buf faulted;
static volatile sig_atomic_t fault_signal;

static void on_signal(int number) { fault_signal = number; }

static void on_fault(int number)
{
    fault_signal = number;
    siglongjmp(faulted, 1);
}

/* What the kernel has for a signal: the handler, and the flags but for the one that the C library adds. */
static void dispositions(struct sigaction *all)
{
    int number;
    for (number = 1; number < NSIG; number++)
        if (sigaction(number, NULL, &all[number]) != 0)
            memset(&all[number], 0, sizeof(*all));
}

static void check_signals(const char *model)
{
    struct sigaction before[NSIG], after[NSIG], handler;
    int number;
    memset(&handler, 0, sizeof(handler));
    handler.sa_handler = on_signal;
    sigaction(SIGUSR1, &handler, NULL);
    sigaction(SIGCHLD, &handler, NULL);
    sigaction(SIGTERM, &handler, NULL);
    sigaction(SIGINT, &handler, NULL);
    sigaction(SIGRTMIN, &handler, NULL);
    sigaction(SIGRTMIN + 1, &handler, NULL);
    signal(SIGPIPE, SIG_DFL); /* whatever this program was started with */
    handler.sa_handler = on_fault;
    sigaction(SIGSEGV, &handler, NULL);
    sigaction(SIGFPE, &handler, NULL);
    dispositions(before);
    use(model);
    dispositions(after);
    for (number = 1; number < NSIG; number++) {
        int ours = number == SIGSEGV || number == SIGFPE || number == SIGRTMIN;
        CHECK(ours || (before[number].sa_handler == after[number].sa_handler && before[number].sa_flags == after[number].sa_flags));
    }
    CHECK(after[SIGPIPE].sa_handler == SIG_DFL);

    /* The host's own faults still reach the host's own handlers, those raised and those that happen. */
    if (sigsetjmp(faulted, 1) == 0) {
        raise(SIGSEGV);
        CHECK(!"the handler of SIGSEGV was not called");
    }
    CHECK(fault_signal == SIGSEGV);
    fault_signal = 0;
    if (sigsetjmp(faulted, 1) == 0) {
        *(volatile int *)(size_t)16 = 1;
        CHECK(!"a store to nowhere went through");
    }
    CHECK(fault_signal == SIGSEGV);
    if (sigsetjmp(faulted, 1) == 0) {
        raise(SIGFPE);
        CHECK(!"the handler of SIGFPE was not called");
    }
    CHECK(fault_signal == SIGFPE);
    use(model);
    raise(SIGUSR1);
    CHECK(fault_signal == SIGUSR1);
    raise(SIGRTMIN);
    CHECK(fault_signal == SIGRTMIN);
}

int main(int count, char **arguments)
{
    char before[64], *after;
    CHECK(count == 3);
    CHECK(setlocale(LC_ALL, "C.UTF-8") != NULL);
    strcpy(before, setlocale(LC_ALL, NULL));

    load(arguments[1]);
    check_fork_before(arguments[2]);
    check_signals(arguments[2]);
    fesetround(FE_DOWNWARD);
    use(arguments[2]);
    CHECK(fegetround() == FE_DOWNWARD);
    fesetround(FE_TONEAREST);
    after = setlocale(LC_ALL, NULL);
    CHECK(strcmp(before, after) == 0);

    CHECK(dlclose(library) == 0);
    CHECK(dlopen(arguments[1], RTLD_NOW | RTLD_NOLOAD) != NULL); /* it stays */
    load(arguments[1]);
    use(arguments[2]);
    check_fork_after(arguments[2]);
    CHECK(dlclose(library) == 0);
    puts("ok");
    return 0;
}
