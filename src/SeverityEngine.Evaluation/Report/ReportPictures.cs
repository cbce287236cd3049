using System.Collections.Concurrent;
using System.Globalization;
using SeverityEngine.Batch.Inputs;
using SeverityEngine.Batch.Pipeline;
using SeverityEngine.Batch.Rows;
using SeverityEngine.Imaging.Png;
using SeverityEngine.IO;
using SeverityEngine.Saliency;

namespace SeverityEngine.Evaluation.Report;

/// <summary>A picture of a row: the picture, or why there is none.</summary>
/// <param name="Picture">The picture; null where there is none.</param>
/// <param name="Fault">Why there is none.</param>
readonly record struct ShownPicture(SmallPicture? Picture, SeverityException? Fault)
{
    /// <summary>Whether the file is not where the row says.</summary>
    public bool IsMissing => Fault?.Code == SeverityError.FileNotFound;
}

/// <summary>The pictures of a row.</summary>
/// <param name="XRay">The X-ray.</param>
/// <param name="Map">Its saliency map; null where the row names none.</param>
readonly record struct RowPictures(ShownPicture XRay, ShownPicture? Map);

/// <summary>
/// Makes the small pictures of rows, on several threads, each archive read once and in its order. Each row is handed over as soon as its
/// pictures and those of all rows before it are there; what waits is small.
/// </summary>
/// <param name="folder">Where relative paths begin; null for the current folder.</param>
/// <param name="limits">Which images are refused, and how DICOM files are read.</param>
/// <param name="threads">Cores to use; 0 for all.</param>
sealed class ReportPictures(string? folder, ImageLimits limits, int threads) : IImageScorer
{
    const string Missing = "is not there any more; put it back, or name the folder that paths begin at with --images";

    // What the pipeline calls a map's picture, behind the row's number; an X-ray's is the number alone.
    const string InsideMap = "map", OutsideMap = "map outside";

    readonly ConcurrentDictionary<string, SmallPicture> _made = [];

    bool IImageScorer.IsReady => true;

    /// <summary>Makes them.</summary>
    /// <param name="rows">The rows, in order.</param>
    /// <param name="take">Takes each row with its pictures, in the same order, on the caller's thread.</param>
    /// <param name="stop">Ends the work early: the rows that are left are not handed over.</param>
    public void Run(IReadOnlyList<ReportRow> rows, Action<ReportRow, RowPictures> take, CancellationToken stop)
    {
        Dictionary<string, ShownPicture> arrived = [];
        int next = 0;
        int workers = threads > 0 ? Math.Min(threads, PredictorOptions.MostThreads) : Environment.ProcessorCount;
        BatchPipeline pipeline = new(this, new BatchOptions(workers, Ordered: true) { Limits = limits }, stop);
        pipeline.Run(Inputs(rows), done =>
        {
            _made.TryRemove(done.Name, out SmallPicture? picture);
            arrived.Add(done.Name, new ShownPicture(picture, done.Error));
            while (next < rows.Count && Take(rows[next]) is { } pictures)
                take(rows[next++], pictures);
        });

        RowPictures? Take(ReportRow row)
        {
            bool hasMap = HasMap(row);
            if (!arrived.ContainsKey(XRayKey(row)) || (hasMap && !arrived.ContainsKey(MapKey(row))))
                return null;
            arrived.Remove(XRayKey(row), out ShownPicture xRay);
            return new RowPictures(xRay, hasMap && arrived.Remove(MapKey(row), out ShownPicture map) ? map : null);
        }
    }

    /// <summary>The files that rows name, in which their pictures are: images, archives and saliency maps.</summary>
    /// <param name="rows">The rows.</param>
    public IEnumerable<string> Files(IReadOnlyList<ReportRow> rows)
    {
        foreach (ReportRow row in rows)
        {
            string path = PathOf(row.File);
            yield return ArchiveOf(path) ?? path;
            foreach (string? map in (string?[])[row.Map, row.Panel])
            {
                if (map is not null)
                    yield return MapPath(map);
            }
        }
    }

    /// <summary>Whether a row names a picture of its saliency map.</summary>
    public static bool HasMap(ReportRow row) => row.Map is not null || row.Panel is not null;

    DecodedImage IImageScorer.Decode(string name, ImageFile file, TimeSpan reading)
    {
        ScoreRow done = new(name);
        try
        {
            _made[name] = IsMapKey(name, out bool isOutside) ? Map(file, isOutside) : XRay(file);
        }
        catch (SeverityException e)
        {
            done = done with { Error = e };
        }
        return new DecodedImage(done, null);
    }

    ScoreRow IImageScorer.Score(DecodedImage decoded) => decoded.Row;

    ScoreRow IImageScorer.Refuse(string name, SeverityException fault) => new(name) { Error = fault };

    static SmallPicture XRay(ImageFile file)
    {
        using XRayImage image = file.Decode();
        return SmallPicture.OfXRay(image.Pixels);
    }

    /// <summary>
    /// A map's picture is shown whole, and of a panel the map alone: the X-ray stands beside it already, and its text names the image.
    /// </summary>
    SmallPicture Map(ImageFile file, bool isOutside)
    {
        if (PngColorPicture.SizeOf(file.Bytes, file.Name, limits) is not { } size)
            throw new SeverityException(SeverityError.ImageFormatUnsupported,
                $"{file.Name}: is no saliency map as a PNG of this program, so it is not shown; make it with --saliency FOLDER");
        PictureArea area = new(0, 0, size.Width, size.Height);
        if (PlacedKind.Panel.IsKind(file.Bytes))
        {
            if (PanelLayout.Of(size.Width, size.Height, SaliencyPanel.LinesBelow(isOutside)) is not { } layout)
            {
                throw new SeverityException(SeverityError.ImageFormatUnsupported,
                    $"{file.Name}: where the map is in this panel is not known, so it is not shown; make it with --saliency too");
            }
            area = new(layout.MapX, layout.Top, layout.Width, layout.Height);
        }
        else if (!PlacedKind.Picture.IsKind(file.Bytes))
        {
            throw new SeverityException(SeverityError.ImageFormatUnsupported,
                $"{file.Name}: is no saliency map of this program, so it is not shown; make it with --saliency FOLDER");
        }
        return SmallPicture.OfMap(file.Bytes, file.Name, limits, area);
    }

    /// <summary>What is to be read, named by keys: a row of two pictures has two.</summary>
    IEnumerable<InputItem> Inputs(IReadOnlyList<ReportRow> rows)
    {
        Dictionary<string, ILookup<string, ReportRow>> archives = Archives(rows);
        HashSet<string> begun = [];
        foreach (ReportRow row in rows)
        {
            string path = PathOf(row.File);
            if (ArchiveOf(path) is not { } archive)
                yield return Named(new FileInput(path, NamedBy.List), XRayKey(row));
            else if (begun.Add(archive))
            {
                // All that rows name of it, for it is read but once.
                foreach (InputItem input in Members(archive, archives[archive]))
                    yield return input;
            }
            if (HasMap(row))
                yield return Named(new FileInput(MapPath((row.Map ?? row.Panel)!), NamedBy.List), MapKey(row));
        }
    }

    static IEnumerable<InputItem> Members(string archive, ILookup<string, ReportRow> wanted)
    {
        HashSet<string> found = [];
        SeverityException? fault = null;
        foreach (InputItem member in Archive.Enumerate(archive, new LeftOut()))
        {
            if (member is FaultyInput && member.Name == archive)
                fault = new SeverityException(SeverityError.FileUnreadable, $"{archive}: the archive is damaged; copy or pack it again");
            if (!wanted.Contains(member.Name) || !found.Add(member.Name))
                continue;
            ReportRow[] rows = [.. wanted[member.Name]];
            // The archive's stream gives each member but once; rows of several models show one image.
            InputItem input = rows.Length == 1 ? member : new KeptMember(member);
            foreach (ReportRow row in rows)
                yield return Named(input, XRayKey(row));
        }
        foreach (IGrouping<string, ReportRow> missing in wanted.Where(w => !found.Contains(w.Key)))
        {
            foreach (ReportRow row in missing)
                yield return Named(new FaultyInput(missing.Key,
                    fault ?? new SeverityException(SeverityError.FileNotFound, $"{missing.Key}: {Missing}")), XRayKey(row));
        }
    }

    /// <summary>The rows whose images lie in archives, by the archive and the member's name.</summary>
    Dictionary<string, ILookup<string, ReportRow>> Archives(IReadOnlyList<ReportRow> rows) =>
        rows.Select(row => (Row: row, Path: PathOf(row.File))).GroupBy(r => ArchiveOf(r.Path) ?? "").Where(g => g.Key.Length > 0)
            .ToDictionary(g => g.Key, g => g.ToLookup(r => r.Path, r => r.Row));

    /// <summary>The archive that a path leads into; null for a path of a file.</summary>
    static string? ArchiveOf(string path)
    {
        for (int slash = path.IndexOf('/', 1); slash > 0; slash = path.IndexOf('/', slash + 1))
        {
            string archive = path[..slash];
            if (Archive.Is(archive) && File.Exists(archive) && !FileStatus.IsSpecial(archive))
                return archive;
        }
        return null;
    }

    string PathOf(string file) => folder is null ? file : Path.Combine(folder, file);

    /// <summary>Maps are named from the current folder, whatever images are named from.</summary>
    string MapPath(string file) => folder is null || File.Exists(file) ? file : Path.Combine(folder, file);

    static RelativeInput Named(InputItem input, string key) => new(input, key);

    static string XRayKey(ReportRow row) => row.Number.ToString(CultureInfo.InvariantCulture);

    static string MapKey(ReportRow row) => $"{XRayKey(row)} {(row.IsOutside ? OutsideMap : InsideMap)}";

    static bool IsMapKey(string key, out bool isOutside)
    {
        isOutside = key.EndsWith(OutsideMap, StringComparison.Ordinal);
        return isOutside || key.EndsWith(InsideMap, StringComparison.Ordinal);
    }

    /// <summary>A member of an archive that several rows show: it is read for the first of them and kept for the others.</summary>
    sealed class KeptMember(InputItem member) : InputItem(member.Name)
    {
        byte[]? _bytes;
        SeverityException? _fault;

        public override bool ReadAtOnce => true;

        public override ImageFile Read(ImageLimits limits)
        {
            if (_bytes is null && _fault is null)
            {
                try
                {
                    using ImageFile file = member.Read(limits);
                    _bytes = file.Bytes.ToArray();
                }
                catch (SeverityException e)
                {
                    _fault = e;
                }
            }
            if (_fault is not null)
                throw _fault;
            using MemoryStream content = new(_bytes!, writable: false);
            return ImageFile.Read(content, Name, limits, content.Length);
        }

        public override byte[]? ReadStart(ImageLimits limits) => null;
    }
}
