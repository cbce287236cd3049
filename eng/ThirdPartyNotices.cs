using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Xml.Linq;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Writes the notices of the packages that a program is made of: a head, a table of the packages, and each license and notice file that the
/// packages hold, once.
/// </summary>
public sealed class WriteThirdPartyNotices : Task
{
    static readonly string[] s_texts = { "license", "licence", "notice", "thirdpartynotice", "third-party-notice", "copying" };

    /// <summary>What stands first.</summary>
    [Required]
    public string Head { get; set; } = "";

    /// <summary>Files of packages, wherever they lie in them; each package is found from its files.</summary>
    [Required]
    public ITaskItem[] Files { get; set; } = Array.Empty<ITaskItem>();

    /// <summary>Folders of packages that are compiled in as a whole: the .NET runtime's.</summary>
    public ITaskItem[] Folders { get; set; } = Array.Empty<ITaskItem>();

    [Required]
    public string Output { get; set; } = "";

    public override bool Execute()
    {
        string head = Read(Head);
        StringBuilder table = new StringBuilder("| package | version | license | project |\n| --- | --- | --- | --- |\n");
        StringBuilder texts = new StringBuilder();
        Dictionary<string, string> seen = new Dictionary<string, string>();
        foreach (string folder in Packages())
        {
            if (!Directory.Exists(folder))
            {
                Log.LogError($"the package in {folder} is not there; dotnet restore brings it");
                continue;
            }
            XElement metadata = XDocument.Load(Directory.GetFiles(folder, "*.nuspec").Single()).Root.Elements().First();
            string id = Value(metadata, "id"), license = License(metadata);
            table.Append($"| {id} | {Value(metadata, "version")} | {license} | {Value(metadata, "projectUrl")} |\n");
            bool held = false;
            foreach (string file in Directory.GetFiles(folder).Where(IsText).OrderBy(f => f, StringComparer.OrdinalIgnoreCase))
            {
                held = true;
                string name = Path.GetFileName(file), text = Read(file).Trim('\n', ' ');
                texts.Append($"\n## {id}: {name}\n\n");
                if (seen.TryGetValue(text, out string where))
                    texts.Append($"The same text as {where}.\n");
                else
                    texts.Append("```\n").Append(text).Append("\n```\n");
                seen[text] = seen.ContainsKey(text) ? seen[text] : $"{id}: {name}";
            }
            // The head has the texts of licenses that packages name but do not hold.
            if (!held && !head.Contains(id))
                Log.LogError($"{id} holds no license text; name it in {Head}, with the text of its license ({license})");
        }
        if (Log.HasLoggedErrors)
            return false;
        Directory.CreateDirectory(Path.GetDirectoryName(Output));
        File.WriteAllText(Output, head.TrimEnd('\n') + "\n\n## Packages\n\n" + table + texts);
        return true;
    }

    /// <summary>The packages' folders, ID/VERSION, by their IDs.</summary>
    IEnumerable<string> Packages() => Files.Select(f => RootOf(f.GetMetadata("FullPath")))
        .Concat(Folders.Select(f => f.GetMetadata("FullPath")))
        .Select(f => f.TrimEnd('/', '\\'))
        .Where(f => f.Length > 0)
        .Distinct(StringComparer.OrdinalIgnoreCase)
        .OrderBy(f => Path.GetFileName(Path.GetDirectoryName(f)), StringComparer.OrdinalIgnoreCase);

    /// <summary>The folder above a file that holds the package's nuspec.</summary>
    static string RootOf(string file)
    {
        string folder = Path.GetDirectoryName(file);
        while (folder != null && Directory.GetFiles(folder, "*.nuspec").Length == 0)
            folder = Path.GetDirectoryName(folder);
        return folder ?? "";
    }

    static bool IsText(string file)
    {
        string name = Path.GetFileName(file).ToLowerInvariant();
        return s_texts.Any(t => name.StartsWith(t, StringComparison.Ordinal));
    }

    static string License(XElement metadata)
    {
        XElement license = metadata.Elements().FirstOrDefault(e => e.Name.LocalName == "license");
        if (license == null)
            return "see above";
        return (string)license.Attribute("type") == "file" ? $"see {license.Value} below" : license.Value;
    }

    static string Value(XElement metadata, string name) => metadata.Elements().FirstOrDefault(e => e.Name.LocalName == name)?.Value ?? "";

    // Files of the packages have either line end.
    static string Read(string file) => File.ReadAllText(file, Encoding.UTF8).Replace("\r\n", "\n");
}
