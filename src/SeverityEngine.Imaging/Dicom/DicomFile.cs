using System.Buffers.Binary;
using System.IO.Compression;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.IO;

namespace SeverityEngine.Imaging.Dicom;

/// <summary>What a file is by its first bytes.</summary>
enum DicomStart : byte
{
    /// <summary>No DICOM file.</summary>
    None,

    /// <summary>A DICOM file, most often an image.</summary>
    File,

    /// <summary>A DICOMDIR, the list of a medium's files.</summary>
    Directory,
}

/// <summary>
/// A DICOM file up to its data set: preamble and meta header, where it has them (PS3.10, 7.1), and how the data set is really written,
/// which files get wrong. A data set that is deflated is unpacked into memory that goes back when this is disposed.
/// </summary>
sealed class DicomFile : IDisposable
{
    const int PreambleBytes = 128, CountedBytes = 64 << 10;

    // A bare data set begins with one of these groups, and with none of their later elements.
    const int MetaGroup = 0x0002, IdentifyingGroup = 0x0008, LastFirstElement = 0x0018, LastFirstGroup = 0x0028;

    static ReadOnlySpan<byte> Mark => "DICM"u8;

    byte[]? _inflated;
    int _inflatedLength;

    /// <summary>How the data set is written.</summary>
    public DicomSyntax Syntax { get; private set; }

    /// <summary>The UID of the transfer syntax, as the file has it; empty for none.</summary>
    public string Uid { get; private set; } = "";

    /// <summary>Whether it is a DICOMDIR: by its meta header, or by what its data set begins with where that says nothing.</summary>
    public bool IsDirectory { get; private set; }

    /// <summary>Where the data set begins, in the file or in what was unpacked.</summary>
    public int At { get; private set; }

    public List<string> Warnings { get; } = [];

    /// <summary>Whether a file is DICOM, with or without a preamble.</summary>
    public static bool Fits(ReadOnlySpan<byte> file) => AfterMark(file) > 0 || file.Length > 8 && IsFirstElement(file, IdentifyingGroup);

    /// <summary>
    /// What a file is, by as many of its first bytes as hold a meta header, or the first two elements of a bare data set.
    /// </summary>
    public static DicomStart Tell(ReadOnlySpan<byte> start)
    {
        if (!Fits(start))
            return DicomStart.None;
        using DicomFile opened = new();
        try
        {
            opened.ReadMeta(start, "");
        }
        catch (SeverityException)
        {
            // The meta header is longer, or damaged: what stands first in it has been read.
        }
        return opened.IsDirectory ? DicomStart.Directory : DicomStart.File;
    }

    /// <summary>Reads what stands before the data set.</summary>
    /// <exception cref="SeverityException">A transfer syntax that is not read; a file that is cut short or cannot be unpacked.</exception>
    public static DicomFile Open(ReadOnlySpan<byte> file, string name, ImageLimits limits)
    {
        DicomFile opened = new();
        try
        {
            opened.ReadMeta(file, name);
            if (DicomSyntax.Find(opened.Uid, out DicomSyntax syntax) is { } kind)
                throw ImageChecks.Unsupported(name, $"a DICOM file of {kind}, which is not read");
            opened.Syntax = syntax;
            if (syntax.IsDeflated)
                opened.Inflate(file[opened.At..], name, limits);
            opened.Look(opened.Data(file), name);
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>What the data set lies in: the file, or what was unpacked.</summary>
    public ReadOnlySpan<byte> Data(ReadOnlySpan<byte> file) => _inflated is null ? file : _inflated.AsSpan(0, _inflatedLength);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _inflated, null) is { } bytes)
            FilePool.Return(bytes);
    }

    /// <summary>Where the mark of DICOM ends, with a preamble before it or without; 0 where there is none.</summary>
    static int AfterMark(ReadOnlySpan<byte> file) =>
        file.Length >= PreambleBytes + Mark.Length && file[PreambleBytes..].StartsWith(Mark) ? PreambleBytes + Mark.Length
        : file.StartsWith(Mark) ? Mark.Length : 0;

    static bool IsFirstElement(ReadOnlySpan<byte> at, int group)
    {
        int little = BinaryPrimitives.ReadUInt16LittleEndian(at), big = BinaryPrimitives.ReadUInt16BigEndian(at);
        if (little != group && big != group && little != MetaGroup)
            return false;
        bool isBig = big == group;
        int element = isBig ? BinaryPrimitives.ReadUInt16BigEndian(at[2..]) : BinaryPrimitives.ReadUInt16LittleEndian(at[2..]);
        uint length = isBig ? BinaryPrimitives.ReadUInt32BigEndian(at[4..]) : BinaryPrimitives.ReadUInt32LittleEndian(at[4..]);
        if (element > LastFirstElement)
            return false;
        if (DicomElements.IsRepresentation(at[4..]))
            return true;
        // Without a representation little tells it from other files, such as a TGA with a text of eight bytes: another element follows it.
        return !isBig && length <= at.Length - 16
            && DicomTags.Read(at[(8 + (int)length)..]) is var next && next > DicomTags.Read(at) && next >> 16 <= LastFirstGroup;
    }

    void ReadMeta(ReadOnlySpan<byte> file, string name)
    {
        At = AfterMark(file);
        bool hasMeta = false;
        string kind = "";
        DicomElements meta = new(file, At, DicomSyntax.Explicit, name);
        // Its length may be missing or wrong: what its group has belongs to it.
        while (file.Length - meta.At >= 8 && BinaryPrimitives.ReadUInt16LittleEndian(file[meta.At..]) == MetaGroup
            && meta.Next(out DicomElement element))
        {
            hasMeta = true;
            if (element.Tag == DicomTags.TransferSyntax && element.Length != DicomElement.Undefined)
                Uid = DicomHeader.Word(file.Slice(element.At, (int)element.Length));
            if (element.Tag == DicomTags.MediaClass && element.Length != DicomElement.Undefined)
                kind = DicomHeader.Word(file.Slice(element.At, (int)element.Length));
            IsDirectory = kind == DicomChecks.DirectoryClass;
        }
        At = meta.At;
        IsDirectory |= kind.Length == 0 && file.Length - At >= 8 && DicomTags.Read(file[At..]) == DicomTags.FileSet;
        if (hasMeta && Uid.Length == 0)
            Warnings.Add($"{name}: names no transfer syntax; it was told from the first element");
    }

    /// <summary>Tells from the first element how the data set is written: what the file says of that is wrong at times.</summary>
    void Look(ReadOnlySpan<byte> data, string name)
    {
        if (data.Length - At < 8)
            throw ImageChecks.Truncated(name, "it ends before its data set");
        ReadOnlySpan<byte> first = data[At..];
        bool isBigEndian = BinaryPrimitives.ReadUInt16BigEndian(first) == IdentifyingGroup;
        DicomSyntax seen = Syntax with
        {
            IsBigEndian = isBigEndian,
            IsImplicit = !isBigEndian && !DicomElements.IsRepresentation(first[4..]),
        };
        if (seen != Syntax && Uid.Length > 0)
            Warnings.Add($"{name}: is not written in the transfer syntax that it names; it was told from the first element");
        Syntax = seen;
    }

    /// <summary>
    /// Unpacks a data set, which has no header and no checksum of its own; bytes that fill up the file may follow it. How long it is shows
    /// only at its end, so that it is unpacked twice: to count, and into memory for just that.
    /// </summary>
    void Inflate(ReadOnlySpan<byte> packed, string name, ImageLimits limits)
    {
        if (packed.IsEmpty)
            throw ImageChecks.Truncated(name, "it ends before its data set");
        try
        {
            _inflatedLength = Count(packed, name, Math.Min(limits.MaxFileBytes, Array.MaxLength));
            limits.Gate?.TakePicture(_inflatedLength);
            _inflated = FilePool.Rent(_inflatedLength);
            Read(packed, inflater => inflater.ReadExactly(_inflated, 0, _inflatedLength));
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw ImageChecks.Corrupt(name, "its deflated data set is not sound", e);
        }
        At = 0;
    }

    static int Count(ReadOnlySpan<byte> packed, string name, long most)
    {
        long length = 0;
        byte[] passed = FilePool.Rent(CountedBytes);
        try
        {
            Read(packed, inflater =>
            {
                for (int read; (read = inflater.Read(passed)) > 0;)
                {
                    length += read;
                    if (length > most)
                        throw new SeverityException(SeverityError.FileTooLarge, $"{name}: unpacked, it has more than {most} bytes");
                }
            });
            return (int)length;
        }
        finally
        {
            FilePool.Return(passed);
        }
    }

    static unsafe void Read(ReadOnlySpan<byte> packed, Action<DeflateStream> read)
    {
        fixed (byte* start = packed)
        {
            using UnmanagedMemoryStream source = new(start, packed.Length);
            using DeflateStream inflater = new(source, CompressionMode.Decompress);
            read(inflater);
        }
    }
}
