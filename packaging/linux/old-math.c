// glibc 2.29 gave exp, exp2, log, log2 and pow new versions that no longer set errno by a wrapper; programs linked against it or a later
// one ask for those, and would not start on glibc 2.28 (RHEL 8 and its like) for nothing else. The linker sends the five here (--wrap), and
// the versions that every glibc has are called: the arithmetic is the same code.
#if defined(__x86_64__)
#define FIRST "GLIBC_2.2.5"
#elif defined(__aarch64__)
#define FIRST "GLIBC_2.17"
#else
#error "no first version of glibc is known for this processor"
#endif

__asm__(".symver first_exp, exp@" FIRST);
__asm__(".symver first_exp2, exp2@" FIRST);
__asm__(".symver first_log, log@" FIRST);
__asm__(".symver first_log2, log2@" FIRST);
__asm__(".symver first_pow, pow@" FIRST);

double first_exp(double x);
double first_exp2(double x);
double first_log(double x);
double first_log2(double x);
double first_pow(double x, double y);

double __wrap_exp(double x);
double __wrap_exp2(double x);
double __wrap_log(double x);
double __wrap_log2(double x);
double __wrap_pow(double x, double y);

double __wrap_exp(double x) { return first_exp(x); }
double __wrap_exp2(double x) { return first_exp2(x); }
double __wrap_log(double x) { return first_log(x); }
double __wrap_log2(double x) { return first_log2(x); }
double __wrap_pow(double x, double y) { return first_pow(x, y); }
