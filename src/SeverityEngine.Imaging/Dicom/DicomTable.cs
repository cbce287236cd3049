using System.Buffers.Binary;
using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Dicom;

/// <summary>A look-up table of a file, the first item of its sequence (PS3.3, C.11.1.1 and C.11.2.1.1), in place.</summary>
readonly ref struct DicomTable
{
    readonly ReadOnlySpan<byte> _entries;
    readonly bool _areBytes, _isBigEndian;
    readonly int _count, _first;

    DicomTable(ReadOnlySpan<byte> entries, int count, int first, bool areBytes, bool isBigEndian)
    {
        _entries = entries;
        _count = count;
        _first = first;
        _areBytes = areBytes;
        _isBigEndian = isBigEndian;
    }

    /// <summary>The value that full white has in it.</summary>
    public int Largest { get; private init; }

    /// <summary>What a value becomes; values beyond its ends become those of the ends.</summary>
    public int this[double value] => Entry((int)Math.Clamp(Math.Floor(value - _first), 0, _count - 1));

    /// <summary>Reads one.</summary>
    /// <param name="data">The data set.</param>
    /// <param name="sequence">The sequence that holds it.</param>
    /// <param name="areSigned">Whether values that it is asked for can be negative, and so the first one that it has.</param>
    /// <param name="syntax">How the data set is written.</param>
    /// <param name="name">The file, for messages.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.ImageCorrupt"/>: a table that is not whole.</exception>
    public static DicomTable Read(ReadOnlySpan<byte> data, DicomElement sequence, bool areSigned, DicomSyntax syntax, string name)
    {
        ReadOnlySpan<byte> descriptor = DicomElements.InFirstItem(data, sequence, DicomTags.TableDescriptor, syntax, name);
        ReadOnlySpan<byte> entries = DicomElements.InFirstItem(data, sequence, DicomTags.TableData, syntax, name);
        const int DescriptorBytes = 6;
        if (descriptor.Length < DescriptorBytes)
            throw Fault("has no descriptor (0028,3002)");
        int count = U16(descriptor, syntax.IsBigEndian), bits = U16(descriptor[4..], syntax.IsBigEndian);
        int first = U16(descriptor[2..], syntax.IsBigEndian);
        if (count == 0)
            count = 1 << 16;
        if (bits is < 8 or > 16)
            throw Fault($"has {bits} bits an entry");
        // Entries of 8 bits stand one or two in a word; how many bytes there are tells.
        bool areBytes = bits == 8 && entries.Length < 2 * count;
        if (entries.Length < (areBytes ? count : 2 * count))
            throw Fault($"has {count} entries by its descriptor, and {entries.Length} bytes of them");
        DicomTable table = new(entries, count, areSigned ? (short)first : first, areBytes, syntax.IsBigEndian);
        int most = 0;
        for (int i = 0; i < count; i++)
            most = Math.Max(most, table.Entry(i));
        // Agfa states the bits that an entry takes, 16, where the values have fewer. A bit that no value uses is not one of theirs.
        int largest = (1 << bits) - 1;
        return table with { Largest = most > largest || most <= largest / 2 ? Math.Max(most, 1) : largest };

        SeverityException Fault(string what) => ImageChecks.Corrupt(name,
            $"its table {DicomTags.Text(sequence.Tag)} {what}; or leave its display settings out");
    }

    int Entry(int index) => !_areBytes ? U16(_entries[(2 * index)..], _isBigEndian)
        // The first of two entries is the lower byte of their word.
        : _entries[_isBigEndian ? Math.Min(index ^ 1, _entries.Length - 1) : index];

    static int U16(ReadOnlySpan<byte> at, bool isBigEndian) =>
        isBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(at) : BinaryPrimitives.ReadUInt16LittleEndian(at);
}
