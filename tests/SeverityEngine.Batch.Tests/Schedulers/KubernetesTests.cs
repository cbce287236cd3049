using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SeverityEngine.Tests;

namespace SeverityEngine.Batch.Tests.Schedulers;

/// <summary>examples/kubernetes: held against Kubernetes' published schema, and its commands run as its pods run them.</summary>
public sealed class KubernetesTests : IDisposable
{
    static readonly string s_examples = Path.Combine(TestData.RepositoryRoot, "examples", "kubernetes");
    static readonly string s_reader =
        Path.Combine(TestData.RepositoryRoot, "tests", "SeverityEngine.Batch.Tests", "Schedulers", "kubernetes");

    readonly TemporaryFolder _folder = new();

    public KubernetesTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "pods are Linux's");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_files_follow_the_published_schema_and_have_no_field_beyond_it()
    {
        Assert.Equal(["PersistentVolumeClaim", "PersistentVolumeClaim", "Job"], Objects("score.yaml").Select(o => $"{o["kind"]}"));
        Assert.Equal(["Job"], Objects("merge.yaml").Select(o => $"{o["kind"]}"));
    }

    [Theory]
    [InlineData("completionMode: Indexed", "completionMode: Index", "/spec/completionMode: enum")]
    [InlineData("completions: 8", "completion: 8", "/spec/completion: no such field")]
    [InlineData("drop: [ALL]", "drops: [ALL]", "/spec/template/spec/containers/0/securityContext/capabilities/drops: no such field")]
    [InlineData("memory: 1Gi", "memory: 1 GB", "/spec/template/spec/containers/0/resources/requests/memory: ")]
    [InlineData("values: [2, 4]", "values: [2, four]", "/spec/podFailurePolicy/rules/0/onExitCodes/values/1: type")]
    [InlineData("  name: severity-rows\n", "  name: severity-rows\n  name: twice\n", "Map keys must be unique")]
    public void The_check_finds_what_a_server_would_refuse(string text, string wrong, string fault)
    {
        string yaml = File.ReadAllText(Path.Combine(s_examples, "score.yaml"));
        Assert.Contains(text, yaml);
        File.WriteAllText(_folder["wrong.yaml"], yaml.Replace(text, wrong));
        Assert.Contains(Read(_folder["wrong.yaml"]).Faults, found => found.StartsWith(fault, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("score.yaml")]
    [InlineData("merge.yaml")]
    public void What_the_schema_cannot_say_holds_too(string file)
    {
        JsonNode[] objects = Objects(file);
        JsonNode job = objects[^1]["spec"]!, pod = job["template"]!["spec"]!, container = pod["containers"]!.AsArray().Single()!;
        // A policy for failed pods is refused without it.
        Assert.Equal("Never", $"{pod["restartPolicy"]}");
        Assert.All(job["podFailurePolicy"]!["rules"]!.AsArray().Select(r => r!["onExitCodes"]).OfType<JsonNode>(),
            rule => Assert.Equal($"{container["name"]}", $"{rule["containerName"]}"));
        if (job["completionMode"] is not null)
        {
            Assert.Equal($"{job["completions"]}", $"{job["parallelism"]}");
            Assert.Contains($"--shard auto/{job["completions"]} ", Arguments(container)[^1]);
            Assert.NotNull(job["backoffLimitPerIndex"]);
        }
        // The claims of both files are those that score.yaml makes, and each mount has its volume.
        JsonNode[] volumes = [.. pod["volumes"]!.AsArray().Select(v => v!)];
        Assert.Equal(volumes.Select(v => $"{v["name"]}").Order(),
            container["volumeMounts"]!.AsArray().Select(m => $"{m!["name"]}").Order());
        string[] claims = [.. Objects("score.yaml")[..^1].Select(o => $"{o["metadata"]!["name"]}")];
        Assert.All(volumes.Select(v => v["persistentVolumeClaim"]?["claimName"]).OfType<JsonNode>(),
            name => Assert.Contains($"{name}", claims));
        Assert.Equal(container["resources"]!["requests"]!.ToJsonString(), container["resources"]!["limits"]!.ToJsonString());
        // What Kubernetes calls the restricted profile.
        JsonNode whole = pod["securityContext"]!, own = container["securityContext"]!;
        Assert.True((bool)whole["runAsNonRoot"]!);
        Assert.NotEqual(0, (int)whole["runAsUser"]!);
        Assert.Equal("RuntimeDefault", $"{whole["seccompProfile"]!["type"]}");
        Assert.False((bool)own["allowPrivilegeEscalation"]!);
        Assert.True((bool)own["readOnlyRootFilesystem"]!);
        Assert.Equal("""["ALL"]""", own["capabilities"]!["drop"]!.ToJsonString());
    }

    [Fact]
    public void The_pods_commands_one_for_each_index_and_the_merge_give_the_rows_of_one_run()
    {
        CommandResult made = Command.Severity("phantom", _folder["images"], "--count", "20", "--size", "256");
        Assert.True(made.ExitCode == 0, made.Error);
        // A picture that cannot be read has a row, and its pod has done its part.
        File.WriteAllText(_folder["images/torn.png"], "no picture");
        JsonNode[] score = Objects("score.yaml");
        int pods = (int)score[^1]["spec"]!["completions"]!;
        Assert.Equal(8, pods);
        for (int i = 0; i < pods; i++)
        {
            CommandResult result = RunPod(score[^1], $"{i}");
            Assert.True(result.ExitCode == 0, result.Error);
            Assert.True(File.Exists(_folder[$"rows/{i}.jsonl"]));
        }
        CommandResult merged = RunPod(Objects("merge.yaml")[^1], "");
        Assert.True(merged.ExitCode == 0, merged.Error);

        CommandResult whole =
            Command.Severity("predict", _folder["images"], "--relative-to", _folder["images"], "-o", _folder["whole.csv"]);
        Assert.Equal(3, whole.ExitCode);
        IReadOnlyList<string> expected = MergedTable.Rows(_folder["whole.csv"]);
        Assert.Equal(1 + 21, expected.Count);
        Assert.Equal(expected, MergedTable.Rows(_folder["rows/scores.csv"]));
    }

    [Fact]
    public void An_index_beyond_the_completions_fails_its_pod_with_the_code_that_is_not_tried_again()
    {
        Directory.CreateDirectory(_folder["images"]);
        CommandResult result = RunPod(Objects("score.yaml")[^1], "8");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("JOB_COMPLETION_INDEX is 8", result.Error);
    }

    /// <summary>Runs the container's command here: with folders of this test in place of its mounts.</summary>
    CommandResult RunPod(JsonNode job, string index)
    {
        JsonNode container = job["spec"]!["template"]!["spec"]!["containers"]![0]!;
        string[] mounts = [.. container["volumeMounts"]!.AsArray().Select(m => $"{m!["mountPath"]}")];
        foreach (string mount in mounts)
            Directory.CreateDirectory(_folder[mount[1..]]);
        // All in one pass: this test's folder is below /tmp itself.
        string[] command =
            [.. Arguments(container).Select(a => Regex.Replace(a, $"({string.Join('|', mounts)})\\b", m => _folder[m.Value[1..]]))];
        Dictionary<string, string> environment = new()
        {
            ["PATH"] = $"{Path.GetDirectoryName(Command.Binary)}:/usr/bin:/bin",
            ["JOB_COMPLETION_INDEX"] = index,
        };
        return Command.Run(command[0], command[1..], environment: environment);
    }

    static string[] Arguments(JsonNode container) =>
        [.. container["command"]!.AsArray().Select(a => $"{a}"), .. container["args"]!.AsArray().Select(a => $"{a}")];

    static JsonNode[] Objects(string file)
    {
        (JsonNode[] objects, string[] faults) = Read(Path.Combine(s_examples, file));
        Assert.Empty(faults);
        return objects;
    }

    static (JsonNode[] Objects, string[] Faults) Read(string path)
    {
        NodeFolder.Install(s_reader);
        CommandResult run = NodeFolder.Run(s_reader, "read.mjs", path);
        Assert.True(run.ExitCode == 0, run.Error);
        JsonNode result = JsonNode.Parse(run.Output)!;
        return ([.. result["objects"]!.AsArray().Select(o => o!)], [.. result["faults"]!.AsArray().Select(f => $"{f}")]);
    }
}
