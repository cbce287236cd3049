using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using SeverityEngine.Tests;

namespace SeverityEngine.PublicApi.Tests;

/// <summary>
/// The same sources make the same files, bit for bit, wherever they lie. <c>./build.sh reproduce</c> shows the same of the programs that
/// Native AOT makes, which takes minutes.
/// </summary>
public sealed class ReproducibleBuildTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_copy_of_the_sources_makes_the_same_assemblies()
    {
        string copy = Path.Combine(_folder.Path, "a", "folder", "of", "another", "length");
        foreach (string file in Sources())
        {
            string target = Path.Combine(copy, Path.GetRelativePath(TestData.RepositoryRoot, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
        // Analyzers make nothing, and have run where these sources were built. No server or node may stay behind.
        Dotnet(copy, "build", "src/SeverityEngine.Cli", "-c", Configuration, "--nologo", "-v", "quiet", "-nodeReuse:false",
            "-p:RunAnalyzers=false", "-p:UseSharedCompilation=false", "-p:NuGetAudit=false");
        string[] assemblies = [.. Assemblies(copy)];
        Assert.Contains("SeverityEngine.Cli/severity.dll", assemblies);
        Assert.Contains("SeverityEngine.Onnx/SeverityEngine.Onnx.dll", assemblies);
        Assert.All(assemblies, a => Assert.Equal(Hash(TestData.RepositoryRoot, a), Hash(copy, a)));
    }

    [Fact]
    public void Assemblies_name_no_folder_of_the_machine_that_built_them() =>
        Assert.All(Assemblies(TestData.RepositoryRoot), a => AssertNamesNoFolder(PathOf(TestData.RepositoryRoot, a)));

    [Theory]
    [InlineData("severity", "severity.exe", "severity")]
    [InlineData("severity-server", "severity-server.exe", "severity-server")]
    [InlineData("severity-parquet", "severity-parquet.exe", "severity-parquet")]
    [InlineData("libseverity.so", "severity.dll", "libseverity.dylib")]
    public void A_published_program_names_no_folder_of_the_machine_that_built_it(string onLinux, string onWindows, string onMac)
    {
        string name = OperatingSystem.IsWindows() ? onWindows : OperatingSystem.IsMacOS() ? onMac : onLinux;
        string path = Path.Combine(TestData.RepositoryRoot, "dist", name);
        Assert.True(File.Exists(path), $"{path} is not there; ./build.sh makes it");
        AssertNamesNoFolder(path);
    }

    /// <summary>What the libraries and the command are built from: src, and what projects there read outside it.</summary>
    static IEnumerable<string> Sources()
    {
        string root = TestData.RepositoryRoot;
        string[] folders = ["src", "eng", "models"];
        return Directory.EnumerateFiles(root, "*.props").Concat([Path.Combine(root, "global.json"), Path.Combine(root, ".editorconfig")])
            .Concat(folders.SelectMany(f => Directory.EnumerateFiles(Path.Combine(root, f), "*", SearchOption.AllDirectories)))
            .Where(f => !Path.GetRelativePath(root, f).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"));
    }

    /// <summary>The assemblies of this repository, as PROJECT/NAME.dll; what others made is beside them and is not looked at.</summary>
    static IEnumerable<string> Assemblies(string root) =>
        Directory.EnumerateDirectories(Path.Combine(root, "src")).Select(project => Path.GetFileName(project))
            .SelectMany(project => ((string[])[$"{project}.dll", "severity.dll", "severity-server.dll", "severity-parquet.dll"])
                .Select(name => $"{project}/{name}"))
            .Where(assembly => File.Exists(PathOf(root, assembly)));

    static string PathOf(string root, string assembly)
    {
        string[] parts = assembly.Split('/');
        return Path.Combine(root, "src", parts[0], "bin", Configuration, "net10.0", parts[1]);
    }

    static string Hash(string root, string assembly) =>
        $"{assembly} {Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(PathOf(root, assembly))))}";

    static void AssertNamesNoFolder(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        string packages = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget");
        foreach (string folder in (string[])[TestData.RepositoryRoot, packages])
        {
            foreach (Encoding encoding in (Encoding[])[Encoding.UTF8, Encoding.Unicode])
                Assert.True(bytes.AsSpan().IndexOf(encoding.GetBytes(folder)) < 0, $"{path} holds the name of the folder {folder}");
        }
    }

    static void Dotnet(string folder, params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromMinutes(10)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"dotnet {string.Join(' ', arguments)} did not end within ten minutes");
        }
        Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}\n{output.Result}\n{error.Result}");
    }
}
