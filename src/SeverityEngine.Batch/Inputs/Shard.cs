using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace SeverityEngine.Batch.Inputs;

/// <summary>
/// A part of the inputs, for one of several machines: those whose name's hash falls into it. Each name falls into one shard, always the
/// same, whatever else there is and in whatever order.
/// </summary>
/// <param name="Index">Which one, from 0.</param>
/// <param name="Count">How many there are.</param>
sealed record Shard(int Index, int Count)
{
    /// <summary>What asks for the shard that a scheduler's environment tells.</summary>
    public const string Auto = "auto";

    /// <summary>How many shards there may be: what schedulers take at once, and more.</summary>
    const int Most = 1_000_000;

    /// <summary>A folder that names are told from, for machines that see the files in different places; null for as named.</summary>
    public string? RelativeTo { get; init; }

    /// <summary>Reads a shard as it is spelled: <c>I/N</c>, <c>auto</c> or <c>auto/N</c>.</summary>
    /// <param name="text">The spelling. I is 0 to N - 1; N stands for 0, so that counting from 1 is right too.</param>
    /// <param name="environment">Gives variables of the environment, for auto.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>.</exception>
    public static Shard Parse(string text, Func<string, string?> environment)
    {
        string[] parts = text.Split('/');
        int? count = null;
        if (parts is [_, string given])
            count = Number(given) is { } some and > 0 ? some : throw Wrong(text, $"the number of shards has to be 1 to {Most}");
        if (parts is [Auto] or [Auto, _])
            return OfEnvironment(count, environment);
        if (parts is not [string index, _] || Number(index) is not { } number)
            throw Wrong(text, "it has to be I/N, such as 0/4, or auto");
        return number <= count ? Make(number, count!.Value) : throw Wrong(text, $"shards of {count} are 0 to {count - 1}");
    }

    /// <summary>Whether an input is in this shard.</summary>
    public bool Takes(InputItem input) => TakesName((RelativeTo is null ? input : input.From(RelativeTo)).Name);

    /// <summary>Whether a path is.</summary>
    public bool Takes(string path) => TakesName(RelativeTo is null ? path : Path.GetRelativePath(RelativeTo, path));

    static Shard Make(int index, int count) => new(index % count, count);

    bool TakesName(string name)
    {
        // One way to spell it on all systems.
        if (OperatingSystem.IsWindows())
            name = name.Replace('\\', '/');
        return XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(name)) % (ulong)Count == (ulong)Index;
    }

    /// <summary>The task of a Slurm array, or the pod of an Indexed Job of Kubernetes.</summary>
    static Shard OfEnvironment(int? count, Func<string, string?> environment)
    {
        if (Variable("SLURM_ARRAY_TASK_ID") is { } task)
        {
            int shards = count ?? Variable("SLURM_ARRAY_TASK_COUNT")
                ?? throw new SeverityException(SeverityError.InvalidArgument,
                    "--shard auto: SLURM_ARRAY_TASK_ID is set, and SLURM_ARRAY_TASK_COUNT is not; give the number of tasks, "
                    + "--shard auto/N");
            // An array's numbers begin anywhere and may leave gaps of one width.
            int first = Variable("SLURM_ARRAY_TASK_MIN") ?? 0, step = Math.Max(1, Variable("SLURM_ARRAY_TASK_STEP") ?? 1);
            // With the count given, a task that is submitted again by itself keeps its shard.
            int index = count is null ? (task - first) / step : task;
            if (task < first || index > shards || (count is null && (index >= shards || (task - first) % step != 0)))
            {
                throw new SeverityException(SeverityError.InvalidArgument,
                    $"--shard auto: task {task} is none of {shards} numbered from {first} by {step}; give the shard, --shard I/N");
            }
            return Make(index, shards);
        }
        if (Variable("JOB_COMPLETION_INDEX") is { } completion)
        {
            if (count is null)
            {
                throw new SeverityException(SeverityError.InvalidArgument,
                    "--shard auto: JOB_COMPLETION_INDEX is set, and Kubernetes does not say how many there are; "
                    + "give the job's completions, --shard auto/N");
            }
            return completion < count ? Make(completion, count.Value)
                : throw new SeverityException(SeverityError.InvalidArgument,
                    $"--shard auto/{count}: JOB_COMPLETION_INDEX is {completion}; give the job's completions as N");
        }
        throw new SeverityException(SeverityError.InvalidArgument,
            "--shard auto: neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX is set; give the shard, --shard I/N");

        int? Variable(string name) => environment(name) is { Length: > 0 } value
            ? Number(value) ?? throw new SeverityException(SeverityError.InvalidArgument, $"--shard auto: {name} is no number")
            : null;
    }

    static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= Most ? number : null;

    static SeverityException Wrong(string text, string fault) => new(SeverityError.InvalidArgument, $"--shard {text}: {fault}");
}
