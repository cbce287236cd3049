using SeverityEngine.IO;

namespace SeverityEngine.Programs;

/// <summary>What is not a result: it goes to standard error, a line each, and is dropped where that cannot be written to.</summary>
static class Report
{
    /// <summary>What the program calls itself.</summary>
    public static string Program { get; set; } = "severity";

    /// <summary>Where lines go while something else, a progress bar, holds the terminal; null for straight to standard error.</summary>
    public static Action<string>? Through { get; set; }

    public static void Error(string message) => Line($"{Program}: error: {message}");

    public static void Warning(string message) => Line($"{Program}: warning: {message}");

    public static void Line(string message) => (Through ?? Console.Error.WriteLine)(Printable.Text(message));
}
