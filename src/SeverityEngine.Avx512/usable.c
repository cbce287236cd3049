/* Whether the processor and the system have what this library is compiled for. It asks nothing of the .NET runtime, and does not start it. */
int severity_avx512_is_usable(void);

int severity_avx512_is_usable(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx2")
        && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
}
