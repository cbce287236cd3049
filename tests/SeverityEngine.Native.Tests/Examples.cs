using System.Collections;
using SeverityEngine.Tests;

namespace SeverityEngine.Native.Tests;

/// <summary>The programs in examples/, each built when it is first run.</summary>
public sealed class Examples : IDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly Dictionary<string, Lazy<(string Program, string[] Arguments)>> _built;

    public Examples()
    {
        _built = new()
        {
            ["C"] = new(() => (BuildC(), [])),
            ["C++"] = new(() => (BuildCpp(), [])),
            ["C#"] = new(() => (BuildCSharp(), [])),
            ["Rust"] = new(() => (BuildRust(), [])),
            ["Python"] = new(() => (FindPython(), ["-B", Path.Combine(Source("python"), "score.py")])),
        };
    }

    public void Dispose() => _folder.Dispose();

    internal CommandResult Run(string language, params string[] images)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the examples are built for Linux");
        (string program, string[] arguments) = _built[language].Value;
        return Command.Run(program, [.. arguments, .. images],
            environment: Environment(("SEVERITY_LIBRARY", CProgram.Library), ("LD_LIBRARY_PATH", CProgram.Dist),
                ("PYTHONPATH", Path.Combine(TestData.RepositoryRoot, "python"))));
    }

    /// <summary>What pkg-config answers about the library.</summary>
    internal static string PkgConfig(params string[] options)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "pkg-config is asked on Linux");
        return Build("pkg-config", [.. options, "severity"], Environment(("PKG_CONFIG_PATH", Path.Combine(CProgram.Dist, "pkgconfig"))));
    }

    /// <summary>The C++ example, built against a library that cmake installed into a folder; and where pkg-config finds that.</summary>
    internal (CommandResult Run, string PkgConfig) RunInstalled(string image)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the library is installed on Linux");
        string prefix = _folder["prefix"];
        Build("cmake", ["-S", Path.Combine(CProgram.Dist, "cmake"), "-B", _folder["installing"]]);
        Build("cmake", ["--install", _folder["installing"], "--prefix", prefix]);
        // Moved, as a package is that was built elsewhere.
        string moved = _folder["moved"];
        Directory.Move(prefix, moved);
        Build("cmake", ["-S", Source("cpp"), "-B", _folder["against"], $"-DCMAKE_PREFIX_PATH={moved}"]);
        Build("cmake", ["--build", _folder["against"]]);
        string config = Directory.GetFiles(moved, "severity.pc", SearchOption.AllDirectories).Single();
        return (Command.Run(Path.Combine(_folder["against"], "score"), [image]),
            Build("pkg-config", ["--cflags", "--libs", "severity"], Environment(("PKG_CONFIG_PATH", Path.GetDirectoryName(config)!))));
    }

    static string Source(string language) => Path.Combine(TestData.RepositoryRoot, "examples", language);

    string BuildC()
    {
        string program = _folder["c"];
        Build("gcc", ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", Path.Combine(Source("c"), "score.c"), "-o", program,
            .. PkgConfig("--cflags", "--libs").Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries)]);
        return program;
    }

    string BuildCpp()
    {
        Build("cmake", ["-S", Source("cpp"), "-B", _folder["cmake"], $"-DCMAKE_PREFIX_PATH={CProgram.Dist}",
            "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror -pedantic"]);
        Build("cmake", ["--build", _folder["cmake"]]);
        return Path.Combine(_folder["cmake"], "score");
    }

    string BuildCSharp()
    {
        // From a copy: the repository's own settings are not its users'.
        string source = _folder["csharp"];
        Directory.CreateDirectory(source);
        foreach (string file in Directory.GetFiles(Source("csharp")))
            File.Copy(file, Path.Combine(source, Path.GetFileName(file)));
        Build("dotnet", ["publish", source, "-o", _folder["published"], "--nologo", "-v", "quiet", "-warnaserror"]);
        return Path.Combine(_folder["published"], "Score");
    }

    string BuildRust()
    {
        Assert.SkipUnless(Command.Run("sh", ["-c", "command -v cargo"]).ExitCode == 0, "no cargo (Debian: apt-get install cargo)");
        Build("cargo", ["build", "--release", "--offline", "--locked", "--quiet",
            "--manifest-path", Path.Combine(Source("rust"), "Cargo.toml"), "--target-dir", _folder["cargo"]],
            Environment(("SEVERITY_DIST", CProgram.Dist), ("RUSTFLAGS", "-Dwarnings")));
        return Path.Combine(_folder["cargo"], "release", "score");
    }

    /// <summary>The first interpreter that has NumPy.</summary>
    static string FindPython()
    {
        string? interpreter = ((string[])["python3", "/usr/bin/python3"])
            .FirstOrDefault(p => Command.Run(p, ["-c", "import numpy"]).ExitCode == 0);
        if (interpreter is null)
        {
            const string Line = "no python3 with numpy (Debian: apt-get install python3-numpy)";
            Assert.False(System.Environment.GetEnvironmentVariable("CI") == "true", Line);
            Assert.Skip(Line);
        }
        return interpreter;
    }

    static string Build(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        CommandResult result = Command.Run(program, arguments, environment: environment);
        Assert.True(result.ExitCode == 0, $"{program} {string.Join(' ', arguments)}\n{result.Output}\n{result.Error}");
        return result.Output;
    }

    /// <summary>This process's environment and some more.</summary>
    static Dictionary<string, string> Environment(params (string Name, string Value)[] more)
    {
        Dictionary<string, string> environment = [];
        foreach (DictionaryEntry entry in System.Environment.GetEnvironmentVariables())
            environment[(string)entry.Key] = (string)entry.Value!;
        foreach ((string name, string value) in more)
            environment[name] = value;
        return environment;
    }
}
