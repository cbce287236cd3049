/* An engine is created with less and less memory: it can be, or there is not enough, and nothing else is said. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* The address space of this process, in bytes. */
static size_t mapped(void)
{
    size_t pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    CHECK(file != NULL && fscanf(file, "%zu", &pages) == 1);
    fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* In a process of its own, for a limit cannot be lifted again. */
static int create_within(size_t room)
{
    severity_options options = SEVERITY_OPTIONS_INIT;
    severity_engine *engine;
    severity_status status;
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    options.threads = 1;
    CHECK_OK(severity_create(&options, &engine));
    CHECK_OK(severity_destroy(engine));
    limit.rlim_cur = mapped() + room;
    CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
    status = severity_create(&options, &engine);
    if (status != SEVERITY_OK && status != SEVERITY_ERROR_OUT_OF_MEMORY)
        fprintf(stderr, "%zu bytes: %d %s\n", room, (int)status, severity_last_error());
    return status == SEVERITY_OK ? 0 : status == SEVERITY_ERROR_OUT_OF_MEMORY ? 1 : 2;
}

int main(void)
{
    size_t room;
    int counts[3] = {0, 0, 0};
    for (room = 0; room <= (size_t)48 << 20; room += (size_t)2 << 20) {
        int status;
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0)
            _exit(create_within(room));
        CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
        counts[WEXITSTATUS(status)]++;
    }
    CHECK(counts[0] > 0 && counts[1] > 0 && counts[2] == 0);
    puts("ok");
    return 0;
}
