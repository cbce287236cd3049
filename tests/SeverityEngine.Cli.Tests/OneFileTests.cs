using System.Diagnostics.CodeAnalysis;
using SeverityEngine.Tests;

namespace SeverityEngine.Cli.Tests;

/// <summary>The published file alone, in the poorest surroundings.</summary>
public class OneFileTests
{
    const UnixFileMode ReadOnly = UnixFileMode.UserRead | UnixFileMode.UserExecute;

    static string Sample => Path.Combine(TestData.RepositoryRoot, "tests", "samples", "clear.png");

    [Fact]
    [SuppressMessage("Interoperability", "CA1416", Justification = "Skipped on Windows.")]
    public void It_scores_from_an_empty_read_only_folder_without_a_home_or_any_environment()
    {
        Assert.SkipWhen(
            OperatingSystem.IsWindows(), "Windows needs SystemRoot in the environment and keeps a copy of ONNX Runtime per user");
        using TemporaryFolder folder = new();
        string binary = folder["severity"];
        File.Copy(Command.Binary, binary);
        File.SetUnixFileMode(folder.Path, ReadOnly);
        try
        {
            CommandResult result = Command.Run(binary, ["predict", Sample], folder.Path, new Dictionary<string, string>());
            Assert.Equal("", result.Error);
            Assert.Equal(0, result.ExitCode);
            Assert.Equal(Command.Severity("predict", Sample).Output, result.Output);
        }
        finally
        {
            File.SetUnixFileMode(folder.Path, ReadOnly | UnixFileMode.UserWrite);
        }
    }

    /// <summary>The first run makes the copy, the second one uses it: strace sees that neither takes memory for another.</summary>
    [Fact]
    [SuppressMessage("Interoperability", "CA1416", Justification = "Skipped on Windows.")]
    public void The_runtime_is_copied_into_the_user_s_cache_once_and_nothing_else()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "strace runs on Linux");
        using TemporaryFolder home = new();
        using TemporaryFolder folder = new();
        Dictionary<string, string> environment = new() { ["HOME"] = home.Path, ["PATH"] = Environment.GetEnvironmentVariable("PATH")! };
        DateTime made = default;
        for (int run = 0; run < 2; run++)
        {
            string trace = folder[$"trace{run}"];
            CommandResult result = Command.Run("strace",
                ["-f", "-qq", "-o", trace, "-e", "trace=memfd_create,rename,openat", Command.Binary, "predict", Sample],
                home.Path, environment);
            Assert.True(result.ExitCode == 0, result.Error);
            Assert.Equal(Command.Severity("predict", Sample).Output, result.Output);
            string[] calls = File.ReadAllLines(trace);
            Assert.Contains(calls, c => c.Contains(Path.GetFileName(Sample)));
            Assert.DoesNotContain(calls, c => c.Contains("memfd_create(") && !c.Contains("doublemapper"));
            Assert.Equal(run == 0, calls.Any(c => c.Contains("O_CREAT")));

            string copy = Assert.Single(Directory.GetFiles(home.Path, "*", SearchOption.AllDirectories));
            Assert.StartsWith(home[".cache/severity-engine/"], copy, StringComparison.Ordinal);
            Assert.Equal(ReadOnly | UnixFileMode.UserWrite, File.GetUnixFileMode(copy));
            if (run == 0)
                made = File.GetLastWriteTimeUtc(copy);
            Assert.Equal(made, File.GetLastWriteTimeUtc(copy));
        }
    }

    /// <summary>strace has the kernel refuse memory files, as old ones do.</summary>
    [Fact]
    public void Without_a_home_and_without_memory_files_it_scores_from_a_copy_in_the_temporary_folder()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "strace runs on Linux");
        using TemporaryFolder temporary = new();
        string[] command = ["-f", "-qq", "-o", "/dev/null", "-e", "inject=memfd_create:error=ENOSYS", Command.Binary, "predict", Sample];
        Dictionary<string, string> environment =
            new() { ["TMPDIR"] = temporary.Path, ["PATH"] = Environment.GetEnvironmentVariable("PATH")! };
        CommandResult result = Command.Run("strace", command, temporary.Path, environment);
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(Command.Severity("predict", Sample).Output, result.Output);
        Assert.Single(Directory.GetFiles(temporary.Path, "libonnxruntime.so", SearchOption.AllDirectories));
    }

    [Fact]
    [SuppressMessage("Interoperability", "CA1416", Justification = "Skipped on Windows.")]
    public void Its_twin_beside_the_program_is_used_instead_of_a_copy()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the test uses Linux's names");
        using TemporaryFolder home = new();
        Dictionary<string, string> environment = new() { ["HOME"] = home.Path, ["PATH"] = Environment.GetEnvironmentVariable("PATH")! };
        Assert.Equal(0, Command.Run(Command.Binary, ["predict", Sample], home.Path, environment).ExitCode);
        string copy = Assert.Single(Directory.GetFiles(home.Path, "*", SearchOption.AllDirectories));
        using TemporaryFolder folder = new();
        string binary = folder["severity"];
        File.Copy(Command.Binary, binary);
        File.Move(copy, folder["libonnxruntime.so"]);
        CommandResult result = Command.Run(binary, ["predict", Sample], folder.Path, environment);
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Empty(Directory.GetFiles(home.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void The_published_file_makes_no_socket_and_where_it_may_keep_no_copy_no_file() => AssertLeavesNothing(Command.Binary, []);

    [Fact]
    public void The_library_makes_no_socket_and_no_file()
    {
        // The framework-dependent build: the engine as a .NET program uses it, ONNX Runtime's library beside it.
        string program = Path.Combine(TestData.RepositoryRoot, "src", "SeverityEngine.Cli", "bin", "Release", "net10.0", "severity.dll");
        AssertLeavesNothing("dotnet", [program]);
    }

    static void AssertLeavesNothing(string program, string[] first)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "strace runs on Linux");
        using TemporaryFolder folder = new();
        string trace = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        string home = Directory.CreateDirectory(folder["home"]).FullName;
        Dictionary<string, string> environment = new()
        {
            ["HOME"] = home,
            ["PATH"] = Environment.GetEnvironmentVariable("PATH")!,
            ["DOTNET_ROOT"] = Environment.GetEnvironmentVariable("DOTNET_ROOT") ?? "",
            // The .NET host's own diagnostics socket and first-run files are no part of the engine.
            ["DOTNET_EnableDiagnostics"] = "0",
            ["DOTNET_CLI_HOME"] = home,
            ["SEVERITY_RUNTIME_CACHE"] = "off",
        };
        const string Calls =
            "trace=socket,connect,creat,open,openat,mkdir,mkdirat,mknod,mknodat,link,linkat,symlink,symlinkat,rename,renameat,renameat2";
        try
        {
            CommandResult result = Command.Run(
                "strace", ["-f", "-qq", "-o", trace, "-e", Calls, program, .. first, "predict", Sample], folder.Path, environment);
            Assert.True(result.ExitCode == 0, result.Error);
            string[] calls = File.ReadAllLines(trace);
            // The trace has to hold what it must: the image's own opening.
            Assert.Contains(calls, c => c.Contains(Path.GetFileName(Sample)));
            Assert.DoesNotContain(calls, c => c.Contains("socket(") && !c.Contains("AF_UNIX"));
            Assert.DoesNotContain(calls, c => c.Contains("O_CREAT") || Makes(c));
            Assert.Empty(Directory.GetFileSystemEntries(home));
            Assert.Equal(["home"], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName));
        }
        finally
        {
            File.Delete(trace);
        }

        static bool Makes(string call) => call.Split(' ', 2)[^1].TrimStart() is var name
            && (name.StartsWith("creat", StringComparison.Ordinal) || name.StartsWith("mk", StringComparison.Ordinal)
                || name.StartsWith("link", StringComparison.Ordinal) || name.StartsWith("symlink", StringComparison.Ordinal)
                || name.StartsWith("rename", StringComparison.Ordinal));
    }
}
