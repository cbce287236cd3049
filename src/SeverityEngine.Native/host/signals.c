/*
 * The .NET runtime has the process ignore SIGPIPE when it starts. In a library that is the host's affair: a host that writes to a closed
 * pipe expects the signal. The linker sends the runtime's calls of signal() here (--wrap), and this one goes no further. The library
 * itself writes to no pipe and no socket.
 */
#include <signal.h>

typedef void (*handler)(int);

handler __real_signal(int number, handler wanted);
handler __wrap_signal(int number, handler wanted);

handler __wrap_signal(int number, handler wanted)
{
    return number == SIGPIPE ? SIG_DFL : __real_signal(number, wanted);
}
