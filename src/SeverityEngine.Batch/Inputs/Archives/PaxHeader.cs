using System.Buffers.Text;
using System.Text;

namespace SeverityEngine.Batch.Inputs.Archives;

/// <summary>What a pax header says of the member after it, or of all: only what is of use here is kept.</summary>
sealed class PaxHeader
{
    public string? Name { get; private set; }

    public string? LinkName { get; private set; }

    public long? Size { get; private set; }

    /// <summary>A sparse file's own name; the other one was made for programs that do not know such files.</summary>
    public string? SparseName { get; private set; }

    public long? SparseSize { get; private set; }

    /// <summary>The pieces of a sparse file, where the header itself holds them.</summary>
    public SparseMap? Map { get; private set; }

    /// <summary>Whether the pieces of a sparse file stand before its content.</summary>
    public bool HasMapInContent { get; private set; }

    /// <summary>Whether it is of a sparse file in a form that is not read.</summary>
    public bool HasUnknownMap { get; private set; }

    long? _pieceAt;

    /// <summary>What all members start from.</summary>
    public PaxHeader Copy() => (PaxHeader)MemberwiseClone();

    /// <summary>Reads records, each of them: its length, a blank, a key, =, a value, a line's end.</summary>
    /// <exception cref="InvalidDataException">They are not that.</exception>
    public void Read(ReadOnlySpan<byte> records)
    {
        string? version = null, revision = null;
        while (!records.IsEmpty && records[0] != 0)
        {
            if (!Utf8Parser.TryParse(records, out int length, out int digits) || length > records.Length || length < digits + 3
                || records[digits] != ' ' || records[length - 1] != '\n')
                throw new InvalidDataException("a pax header's record is damaged");
            ReadOnlySpan<byte> record = records[(digits + 1)..(length - 1)];
            int equals = record.IndexOf((byte)'=');
            if (equals <= 0)
                throw new InvalidDataException("a pax header's record has no value");
            string key = Encoding.UTF8.GetString(record[..equals]);
            ReadOnlySpan<byte> value = record[(equals + 1)..];
            records = records[length..];
            switch (key)
            {
                case "path":
                    Name = value.IsEmpty ? null : TarHeader.Text(value);
                    break;
                case "linkpath":
                    LinkName = value.IsEmpty ? null : TarHeader.Text(value);
                    break;
                case "size":
                    Size = value.IsEmpty ? null : Number(value);
                    break;
                case "mtime" or "atime" or "ctime":
                    CheckTime(value);
                    break;
                case "uid" or "gid":
                    if (!value.IsEmpty)
                        Number(value);
                    break;
                case "GNU.sparse.major":
                    version = TarHeader.Text(value);
                    break;
                case "GNU.sparse.minor":
                    revision = TarHeader.Text(value);
                    break;
                case "GNU.sparse.name":
                    SparseName = TarHeader.Text(value);
                    break;
                case "GNU.sparse.size" or "GNU.sparse.realsize":
                    SparseSize = Number(value);
                    break;
                case "GNU.sparse.numblocks":
                    Map = new SparseMap();
                    break;
                case "GNU.sparse.offset":
                    _pieceAt = Number(value);
                    break;
                case "GNU.sparse.numbytes":
                    (Map ??= new SparseMap()).Add(_pieceAt, Number(value));
                    break;
                case "GNU.sparse.map":
                    Map = new SparseMap();
                    Map.AddList(value);
                    break;
                case "SUN.holesdata":
                    HasUnknownMap = true;
                    break;
            }
        }
        if (version is not null || revision is not null)
        {
            HasMapInContent = (version, revision) == ("1", "0");
            HasUnknownMap |= !HasMapInContent && !(version == "0" && revision is "0" or "1");
        }
    }

    static long Number(ReadOnlySpan<byte> text) => SparseMap.NextNumber(ref text, '\n') is { } value and >= 0
        ? value : throw new InvalidDataException("a pax header's record holds no number");

    /// <summary>Seconds, maybe with a fraction.</summary>
    static void CheckTime(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> rest = text.TrimStart((byte)'-').Trim("0123456789"u8);
        if (rest.Length > 1 || (rest.Length == 1 && rest[0] != '.'))
            throw new InvalidDataException("a pax header's record holds no time");
    }
}
