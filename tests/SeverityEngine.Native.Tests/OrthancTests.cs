using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SeverityEngine.Tests;

namespace SeverityEngine.Native.Tests;

/// <summary>The ways to score what arrives in an Orthanc, in a real one: the plugin in C, and the script in Lua.</summary>
public sealed partial class OrthancTests : IDisposable
{
    const string Radiography = "1.2.840.10008.5.1.4.1.1.1", Digital = "1.2.840.10008.5.1.4.1.1.1.1",
        Mammography = "1.2.840.10008.5.1.4.1.1.1.2", Tomography = "1.2.840.10008.5.1.4.1.1.2";

    readonly TemporaryFolder _folder = new();

    static string Examples => Path.Combine(TestData.RepositoryRoot, "examples", "orthanc");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("plugin")]
    [InlineData("lua")]
    public void Each_radiograph_gets_its_report_and_its_map_and_nothing_else_does(string way)
    {
        using OrthancServer orthanc = Start(way);
        byte[][] radiographs = [Image(1, Digital, "DX"), Image(2, Radiography, "CR"), Image(3, Digital, "DX"), Image(4, Radiography, "CR")];
        byte[][] others = [Image(5, Mammography, "MG"), Image(6, Tomography, "CT")];
        foreach (byte[] file in radiographs[..2].Concat(others))
            Assert.Equal("Success", orthanc.Upload(file));
        // dcmsend asks for a complete meta header, which dcmconv writes.
        string[] sent = [_folder["sent-2.dcm"], _folder["sent-3.dcm"]];
        for (int i = 2; i < 4; i++)
        {
            CommandResult dcmconv = Command.Run("dcmconv", [Written("plain.dcm", radiographs[i]), sent[i - 2]]);
            Assert.True(dcmconv.ExitCode == 0, dcmconv.Error);
        }
        CommandResult dcmsend = Command.Run("dcmsend", ["127.0.0.1", $"{orthanc.DicomPort}", .. sent]);
        Assert.True(dcmsend.ExitCode == 0, dcmsend.Error);
        // One that is refused, and after it one that is not.
        Assert.Equal("Success", orthanc.Upload(Image(7, Digital, "DX", planes: 3)));
        Assert.Equal("Success", orthanc.Upload(Image(8, Digital, "DX")));

        orthanc.Until("all are scored", () => orthanc.Instances().Count == 8 + 2 * 5);
        // Nothing follows: not results of results, not of what had them.
        Assert.Equal("AlreadyStored", orthanc.Upload(radiographs[0]));
        Thread.Sleep(2000);
        IReadOnlyList<StoredInstance> all = orthanc.Instances();
        Assert.Equal(8 + 2 * 5, all.Count);
        foreach ((byte[] file, int number) in radiographs.Append(Image(8, Digital, "DX")).Zip([1, 2, 3, 4, 8]))
        {
            string image = number is 2 or 4 ? "CR" : "DX";
            StoredInstance[] study = [.. all.Where(i => i.Study == Study(number))];
            Assert.Equal(new[] { image, "OT", "SR" }.Order(), study.Select(i => i.Modality).Order());
            Assert.Equal(Scores(Written("scored.dcm", file)), Reported(orthanc.Download(study.Single(i => i.Modality == "SR").Id)));
        }
        Assert.All((int[])[5, 6, 7], number => Assert.Single(all, i => i.Study == Study(number)));
        // What is read in the log names no patient.
        Assert.DoesNotContain("Doe", orthanc.Log);
        if (way == "plugin")
            orthanc.Stop();
    }

    [Fact]
    public void The_plugin_loses_nothing_when_orthanc_is_killed_and_scores_nothing_twice()
    {
        const int Count = 12;
        using OrthancServer orthanc = Start("plugin");
        for (int i = 0; i < Count; i++)
        {
            Assert.Equal("Success", orthanc.Upload(Image(i, Digital, "DX")));
            // Four times, at whatever it is doing; one change at a time is not yet known to be done.
            if (i % 3 == 2)
            {
                orthanc.Kill();
                orthanc.Start();
            }
        }
        orthanc.Until("all are scored", () => orthanc.Instances().Count == 3 * Count);
        orthanc.Stop();
        orthanc.Start();
        Thread.Sleep(2000);
        IReadOnlyList<StoredInstance> all = orthanc.Instances();
        Assert.Equal(3 * Count, all.Count);
        Assert.All(Enumerable.Range(0, Count), i => Assert.Equal(3, all.Count(instance => instance.Study == Study(i))));
    }

    [Fact]
    public void Whoever_sends_does_not_wait_for_the_plugin_and_a_stop_does_not_either()
    {
        string slow = _folder["slow.onnx"];
        File.WriteAllBytes(slow, SlowModel.Create());
        // Without maps: deriving the graph of one from thousands of nodes takes long by itself, and is not canceled.
        using OrthancServer orthanc = Start("plugin", ("SEVERITY_MODEL", slow), ("SEVERITY_MAPS", "0"));
        for (int i = 0; i < 5; i++)
            Assert.Equal("Success", orthanc.Upload(Image(i, Digital, "DX")));
        // All five are there, and the first score is not: the model runs for a minute.
        Assert.Equal(5, orthanc.Instances().Count);
        orthanc.Stop();
    }

    OrthancServer Start(string way, params (string, string)[] environment)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Orthanc is tested on Linux, where Debian has it");
        if (way == "lua")
        {
            return new OrthancServer(
                configuration => configuration["LuaScripts"] = new JsonArray(Path.Combine(Examples, "severity.lua")),
                [("SEVERITY", Command.Binary), .. environment]);
        }
        string plugin = _folder["libseverity-orthanc.so"];
        CommandResult built = Command.Run("gcc", ["-std=c99", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC",
            "-I", CProgram.Include, Path.Combine(Examples, "severity-orthanc.c"), "-o", plugin, "-L", CProgram.Dist,
            "-lseverity", $"-Wl,-rpath,{CProgram.Dist}", "-lpthread"]);
        Assert.True(built.ExitCode == 0, built.Error);
        OrthancServer orthanc = new(configuration => configuration["Plugins"] = new JsonArray(plugin), environment);
        // From here on a kill loses nothing: where it begins is in Orthanc's database.
        orthanc.Until("the plugin has begun", () => orthanc.Log.Contains("severity: follows the changes after", StringComparison.Ordinal));
        return orthanc;
    }

    static string Study(int number) => $"1.2.826.77.1.{number}";

    static byte[] Image(int number, string kind, string modality, int planes = 1) => new SourceImage()
        .Text(0x0008_0016, "UI", kind).Text(0x0008_0018, "UI", $"1.2.826.77.3.{number}").Text(0x0008_0060, "CS", modality)
        .Text(SourceImage.Study, "UI", Study(number)).Text(SourceImage.Series, "UI", $"1.2.826.77.2.{number}")
        .Short(0x0028_0002, planes).File();

    string Written(string name, byte[] file)
    {
        File.WriteAllBytes(_folder[name], file);
        return _folder[name];
    }

    static (double, double) Scores(string path)
    {
        // With a map the network is another graph, and may round the last digit otherwise.
        CommandResult result = Command.Severity("predict", "--format", "jsonl", "--quiet", "--dicom-saliency", $"{path}.map.dcm", path);
        Assert.True(result.ExitCode == 0, result.Error);
        using JsonDocument row = JsonDocument.Parse(result.Output);
        return (row.RootElement.GetProperty("geographic_extent").GetDouble(), row.RootElement.GetProperty("opacity").GetDouble());
    }

    /// <summary>The two scores of a report, in the digits that DCMTK shows of their doubles.</summary>
    (double, double) Reported(byte[] report)
    {
        CommandResult dumped = Command.Run("dcmdump", ["+P", "0040,a161", "+s", Written("report.dcm", report)]);
        double[] values = [.. Number().Matches(dumped.Output).Select(m => double.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture))];
        return (values[0], values.Length > 3 ? values[3] : values[1]);
    }

    [GeneratedRegex(@"FD ([-+.\deE]+)")]
    private static partial Regex Number();
}
