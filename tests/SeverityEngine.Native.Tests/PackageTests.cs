using SeverityEngine.Tests;

namespace SeverityEngine.Native.Tests;

/// <summary>The NuGet packages, used by a project that has nothing else.</summary>
public sealed class PackageTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_project_that_references_the_package_scores_an_image()
    {
        string feed = _folder["feed"], consumer = _folder["consumer"];
        foreach (string project in (string[])["SeverityEngine.Core", "SeverityEngine.Imaging", "SeverityEngine.Onnx", "SeverityEngine"])
            Dotnet("pack", Path.Combine(TestData.RepositoryRoot, "src", project), "-c", "Release", "--no-build", "-o", feed, "--nologo",
                "-v", "quiet");
        Directory.CreateDirectory(consumer);
        // Packages under test go into a folder of their own; what they depend on is looked up where it lies already.
        string common = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } named ? named
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        File.WriteAllText(Path.Combine(consumer, "nuget.config"), $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="{_folder["packages"]}" /></config>
              <fallbackPackageFolders><add key="common" value="{common}" /></fallbackPackageFolders>
              <packageSources><add key="feed" value="{feed}" /></packageSources>
            </configuration>
            """);
        File.WriteAllText(Path.Combine(consumer, "Consumer.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
              </PropertyGroup>
              <ItemGroup><PackageReference Include="SeverityEngine" Version="{SeverityRuntime.EngineVersion}" /></ItemGroup>
            </Project>
            """);
        File.WriteAllText(Path.Combine(consumer, "Program.cs"), """
            using System;
            using System.Globalization;
            using SeverityEngine;

            using SeverityPredictor predictor = SeverityPredictor.Create();
            try
            {
                predictor.Predict("/no/such.png");
            }
            catch (SeverityException e) when (e.Code == SeverityError.FileNotFound)
            {
                Console.WriteLine(predictor.Predict(args[0]).GeographicExtent.ToString("R", CultureInfo.InvariantCulture));
            }
            """);
        string sample = Path.Combine(TestData.RepositoryRoot, "tests", "samples", "severe.png");
        Dotnet("build", consumer, "-c", "Release", "-o", _folder["built"], "--nologo", "-v", "quiet");
        string output = Dotnet(Path.Combine(_folder["built"], "Consumer.dll"), sample);
        using SeverityPredictor predictor = SeverityPredictor.Create();
        Assert.Equal(
            predictor.Predict(sample).GeographicExtent.ToString("R", System.Globalization.CultureInfo.InvariantCulture), output.Trim());
        Assert.True(File.Exists(Path.Combine(_folder["packages"], "severityengine", SeverityRuntime.EngineVersion, "README.md")));
    }

    static string Dotnet(params string[] arguments)
    {
        CommandResult result = Command.Run("dotnet", arguments);
        Assert.True(result.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}\n{result.Output}\n{result.Error}");
        return result.Output;
    }
}
