using System.Reflection;
using SeverityEngine.IO;

namespace SeverityEngine.Programs;

/// <summary>The licenses of everything inside a program, which it carries as a resource.</summary>
static class Notices
{
    const string Resource = "THIRD-PARTY-NOTICES.md";

    /// <summary>Prints them.</summary>
    /// <param name="program">The program's assembly.</param>
    public static void Print(Assembly program)
    {
        using Stream notices = program.GetManifestResourceStream(Resource)
            ?? throw new SeverityException(SeverityError.Internal, $"this build lacks {Resource}");
        using Stream output = StandardStreams.OpenOutput();
        notices.CopyTo(output);
    }
}
