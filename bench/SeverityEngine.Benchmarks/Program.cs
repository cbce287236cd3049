using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Environments;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using BenchmarkDotNet.Toolchains.NativeAot;
using Perfolizer.Horology;
using SeverityEngine.Benchmarks;

// saliency [MODEL.onnx|CHECKPOINT.pt [ROUNDS]]: compared in turns, which BenchmarkDotNet does not do.
if (args is ["saliency", ..])
{
    SaliencyCost.Run(
        args.ElementAtOrDefault(1), int.Parse(args.ElementAtOrDefault(2) ?? "30", System.Globalization.CultureInfo.InvariantCulture));
    return;
}

// optimized CHECKPOINT.pt|built-in [ROUNDS]: likewise.
if (args is ["optimized", string model, ..])
{
    OptimizedModels.Run(model, int.Parse(args.ElementAtOrDefault(2) ?? "30", System.Globalization.CultureInfo.InvariantCulture));
    return;
}

// --quick: a first look in a minute or two, in this process, by the JIT alone. Figures to keep come of the whole.
if (args.Contains("--quick"))
{
    string[] rest = [.. args.Where(a => a != "--quick")];
    Job job = Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(1).WithIterationCount(5)
        .WithIterationTime(TimeInterval.FromMilliseconds(100)).WithId("quick");
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(rest.Contains("--filter") ? rest : [.. rest, "--filter", "*"],
        DefaultConfig.Instance.AddJob(job).AddDiagnoser(MemoryDiagnoser.Default).WithOptions(ConfigOptions.DisableOptimizationsValidator));
    return;
}

// Native AOT is what ships, for the instruction sets that it ships for; the JIT, which uses all that the machine has, stands beside it.
string instructionSet = Environment.GetEnvironmentVariable("SEVERITY_CPU") is { Length: > 0 } named ? named : "x86-64-v3";
// Neither version nor feed: the SDK's own compiler, from wherever this machine restores packages.
NativeAotToolchainBuilder native = NativeAotToolchain.CreateBuilder().UseNuGet("", "");
native.TargetFrameworkMoniker("net10.0").DisplayName("Native AOT");
if (System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64)
    native.IlcInstructionSet(instructionSet);
IConfig config = DefaultConfig.Instance
    .AddJob(Job.ShortRun.WithRuntime(CoreRuntime.Core10_0).WithId("JIT").AsBaseline())
    .AddJob(Job.ShortRun.WithRuntime(NativeAotRuntime.Net10_0).WithToolchain(native.ToToolchain()).WithId("Native AOT"))
    .AddDiagnoser(MemoryDiagnoser.Default)
    .WithOptions(ConfigOptions.DisableOptimizationsValidator)
    .WithBuildTimeout(TimeSpan.FromMinutes(10)); // Native AOT compiles ONNX Runtime's binding and the engine anew
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config);
