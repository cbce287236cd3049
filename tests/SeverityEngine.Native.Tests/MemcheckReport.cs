using System.Xml.Linq;

namespace SeverityEngine.Native.Tests;

/// <summary>
/// What memcheck found. A fault counts where the innermost function that is not memcheck's own, an allocator's or the C library's stands in
/// one of our files: ONNX Runtime, which is loaded from memory, and the loader have faults of their own, which are not ours to mend.
/// </summary>
sealed class MemcheckReport(XDocument document)
{
    static readonly string[] s_passedOver = ["vgpreload_", "/libc.so", "/libc-", "/libm.so"];

    public static MemcheckReport Load(string path) => new(XDocument.Load(path));

    public bool Finished => document.Root!.Elements("status").Any(s => s.Element("state")?.Value == "FINISHED");

    public IEnumerable<string> Faults(params string[] files) =>
        from error in document.Root!.Elements("error")
        let frames = error.Element("stack")!.Elements("frame").ToList()
        let culprit = frames.Select(f => f.Element("obj")?.Value ?? "").FirstOrDefault(obj => !s_passedOver.Any(obj.Contains))
        where culprit is not null && files.Any(culprit.Contains)
        select $"{error.Element("kind")?.Value}: {error.Element("what")?.Value ?? error.Element("xwhat")?.Element("text")?.Value}\n"
            + string.Join('\n', frames.Select(f =>
            $"    {f.Element("fn")?.Value ?? "?"} in {f.Element("obj")?.Value} {f.Element("file")?.Value}:{f.Element("line")?.Value}"));
}
