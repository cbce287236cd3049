using SeverityEngine.Tests;

namespace SeverityEngine.Native.Tests;

/// <summary>A program in C or C++, compiled against the published library and run.</summary>
sealed class CProgram : IDisposable
{
    readonly TemporaryFolder _folder = new();

    /// <summary>Compiles; fails the test with the compiler's words if it will not.</summary>
    public CProgram(string source)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the programs are compiled with gcc, for Linux");
        bool cpp = Path.GetExtension(source) == ".cpp";
        string[] language = cpp ? ["-std=c++17"] : ["-std=c99"];
        CommandResult result = Command.Run(cpp ? "g++" : "gcc",
            [.. language, "-Wall", "-Wextra", "-Werror", "-pedantic", "-O1", "-g", "-I", Include, source, "-o", File,
                "-L", Dist, "-lseverity", $"-Wl,-rpath,{Dist}", "-lm", "-lpthread", "-ldl"]);
        Assert.True(result.ExitCode == 0, result.Error);
    }

    public static string Dist => Path.Combine(TestData.RepositoryRoot, "dist");

    public static string Include => Path.Combine(Dist, "include");

    public static string Library
    {
        get
        {
            string path = Path.Combine(Dist, "libseverity.so");
            Assert.True(System.IO.File.Exists(path), $"{path} is not there; ./build.sh makes it");
            return path;
        }
    }

    public string File => _folder["program"];

    /// <summary>One of this project's own programs.</summary>
    public static CProgram Own(string name) =>
        new(Path.Combine(TestData.RepositoryRoot, "tests", "SeverityEngine.Native.Tests", "Programs", name));

    public CommandResult Run(params string[] arguments) => Command.Run(File, arguments);

    public void Dispose() => _folder.Dispose();
}
