using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Jpeg;

/// <summary>A scan header (ITU-T T.81, B.2.3), checked against its frame.</summary>
/// <param name="Components">The components it holds, with their Huffman tables set.</param>
/// <param name="First">The first coefficient in zigzag order.</param>
/// <param name="Last">The last one.</param>
/// <param name="HighBit">How many low bits the scans before have left to come; 0 for a first scan.</param>
/// <param name="LowBit">How many it leaves.</param>
readonly record struct JpegScan(JpegComponent[] Components, int First, int Last, int HighBit, int LowBit)
{
    const int MostLowBits = 13;

    public bool IsNeeded => Components.Any(c => c.Needed);

    /// <exception cref="SeverityException">Fields that cannot be, tables that are not there, or a scan out of order.</exception>
    public static unsafe JpegScan Read(ReadOnlySpan<byte> segment, JpegFrame frame, JpegTables tables, string name)
    {
        int count = segment.IsEmpty ? 0 : segment[0];
        if (count is < 1 or > 4 || count > frame.Components.Length || segment.Length != 4 + 2 * count)
            throw ImageChecks.Corrupt(name, $"its scan header has {segment.Length + 2} bytes for {count} components");
        JpegComponent[] components = new JpegComponent[count];
        // What these say in a sequential frame has no meaning.
        (int first, int last, int high, int low) = frame.IsProgressive
            ? (segment[^3], segment[^2], segment[^1] >> 4, segment[^1] & 15) : (0, 63, 0, 0);
        bool isDc = first == 0 && frame.IsProgressive;
        if (last > 63 || first > last || (isDc && last != 0) || (first > 0 && count > 1) || low > MostLowBits || (high > 0 && low != high - 1))
            throw ImageChecks.Corrupt(name, $"its scan of coefficients {first} to {last}, bits {high} to {low}, cannot be");
        for (int i = 0; i < count; i++)
        {
            int id = segment[1 + 2 * i], slots = segment[2 + 2 * i];
            JpegComponent component = Array.Find(frame.Components, c => c.Id == id)
                ?? throw ImageChecks.Corrupt(name, $"its scan names component {id}, which is not there");
            if (components.Contains(component))
                throw ImageChecks.Corrupt(name, $"its scan names component {id} twice");
            components[i] = component;
            if (first == 0 && high == 0)
                component.DcTable = tables.Dc(slots >> 4);
            if (!isDc)
                component.AcTable = tables.Ac(slots & 15);
            for (int k = first; k <= last; k++)
            {
                // -1, nothing has come, is right for a first scan; AC coefficients come after the DC ones.
                if (component.MissingBits[k] != (high == 0 ? -1 : high) || (first > 0 && component.MissingBits[0] < 0))
                    throw ImageChecks.Corrupt(name, $"its scans of component {id} come out of order");
                component.MissingBits[k] = (sbyte)low;
            }
        }
        return new JpegScan(components, first, last, high, low);
    }
}
