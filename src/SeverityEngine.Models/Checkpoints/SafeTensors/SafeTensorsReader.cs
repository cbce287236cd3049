using System.Buffers.Binary;
using System.Text.Json;
using SeverityEngine.Models.Checkpoints.Pickle;
using SeverityEngine.Models.Checkpoints.Tensors;

namespace SeverityEngine.Models.Checkpoints.SafeTensors;

/// <summary>
/// The safetensors format (huggingface/safetensors): the header's length in eight bytes, low byte first; a JSON object that gives each
/// tensor its type, shape and place; and then the tensors' bytes, low byte first, in C order, without gaps or overlaps.
/// </summary>
sealed class SafeTensorsReader(ReadOnlyMemory<byte> file, ReadContext context)
{
    const string Step = "safetensors header";
    const string Metadata = "__metadata__";

    // As the format's own reader has it.
    const int LargestHeader = 100_000_000;

    ReadOnlyMemory<byte> _data;

    /// <summary>Whether a file starts as this format does: a length below 4 GiB, and a JSON object.</summary>
    public static bool Matches(ReadOnlySpan<byte> file) =>
        file.Length > sizeof(ulong) && file[sizeof(ulong)] == '{' && BinaryPrimitives.ReadUInt32LittleEndian(file[sizeof(uint)..]) == 0;

    public CheckpointContent Read()
    {
        context.At(0, Step);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(file.Span);
        int left = file.Length - sizeof(ulong);
        if (length > (ulong)left)
            throw context.Invalid($"has a header of {length} bytes where {left} are left");
        if (length > (ulong)Math.Min(LargestHeader, context.Limits.MaxStringBytes))
        {
            throw context.Invalid(
                $"has a header of {length} bytes, beyond the limit", ReadContext.BeyondLimit);
        }
        _data = file[(sizeof(ulong) + (int)length)..];
        OrderedDictionary<string, object?> entries;
        try
        {
            entries = Entries(file.Span.Slice(sizeof(ulong), (int)length));
        }
        // The latter for texts that are not Unicode.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw context.Invalid("has a header that is no JSON");
        }
        RequireWhole(entries);
        WeightSet[] sets = entries.Count > 0 ? [new WeightSet("", null, entries)] : [];
        return new CheckpointContent(sets, CheckpointForm.SafeTensors, CheckpointForm.SafeTensors, ReadTensor, []);
    }

    OrderedDictionary<string, object?> Entries(ReadOnlySpan<byte> header)
    {
        OrderedDictionary<string, object?> entries = [];
        Utf8JsonReader json = new(header);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            context.At(sizeof(ulong) + json.TokenStartIndex, Step);
            context.Count();
            context.Charge(3 * ReadContext.NodeCost + 2L * json.ValueSpan.Length);
            string name = json.GetString()!;
            json.Read();
            if (name == Metadata)
                json.Skip();
            else if (!entries.TryAdd(name, Entry(ref json)))
                throw context.Invalid($"has two tensors named {ReadContext.Quote(name)}");
        }
        // Nothing but white space may follow; the reader refuses the rest.
        json.Read();
        return entries;
    }

    SafeTensor Entry(ref Utf8JsonReader json)
    {
        string? type = null;
        long[]? shape = null, place = null;
        if (json.TokenType != JsonTokenType.StartObject)
            throw Malformed();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            bool isType = json.ValueTextEquals("dtype"u8), isShape = json.ValueTextEquals("shape"u8);
            if (!isType && !isShape && !json.ValueTextEquals("data_offsets"u8))
                throw Malformed();
            json.Read();
            if (isType)
                type = Text(ref json);
            else if (isShape)
                shape = Numbers(ref json);
            else
                place = Numbers(ref json);
        }
        return type is not null && shape is not null && place is [long start, long end] && start <= end
            ? new SafeTensor(type, shape, start, end) : throw Malformed();
    }

    string Text(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.String)
            throw Malformed();
        context.Charge(ReadContext.NodeCost + 2L * json.ValueSpan.Length);
        return json.GetString()!;
    }

    long[] Numbers(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.StartArray)
            throw Malformed();
        List<long> numbers = [];
        while (json.Read() && json.TokenType == JsonTokenType.Number)
        {
            // A list grows by doubling, and is then copied.
            context.Charge(5 * sizeof(long));
            numbers.Add(json.TryGetInt64(out long number) && number >= 0 ? number : throw Malformed());
        }
        return json.TokenType == JsonTokenType.EndArray ? [.. numbers] : throw Malformed();
    }

    /// <summary>Every byte after the header belongs to one tensor, as the format demands: a part that is missing is found here.</summary>
    void RequireWhole(OrderedDictionary<string, object?> entries)
    {
        context.Charge((long)ReadContext.ReferenceCost * entries.Count);
        long at = 0;
        foreach (SafeTensor tensor in entries.Values.Cast<SafeTensor>().OrderBy(t => t.Start).ThenBy(t => t.End))
        {
            if (tensor.Start != at)
                throw context.Invalid($"has a tensor at byte {tensor.Start} of the data, where one ends at {at}");
            at = tensor.End;
        }
        if (at != _data.Length)
            throw context.Invalid($"speaks of {at} bytes of tensors, and {_data.Length} follow it");
    }

    CheckpointTensor ReadTensor(string name, object? entry)
    {
        SafeTensor tensor = (SafeTensor)entry!;
        context.At(file.Length - _data.Length + tensor.Start, "tensor " + ReadContext.Quote(name));
        ElementType type = TypeOf(tensor.Type) ?? throw context.Layout(
            $"has numbers of type {ReadContext.Quote(tensor.Type)}, which is not read", "convert the weights to F32 and save them again");
        context.Charge(ReadContext.NodeCost + (long)sizeof(long) * tensor.Shape.Length);
        TensorView view = new(
            _data[(int)tensor.Start..(int)tensor.End], type, bigEndian: false, 0, tensor.Shape,
            TensorView.ContiguousStrides(tensor.Shape), context);
        ReadOnlyMemory<float> values = view.ToFloats();
        if ((long)values.Length * ElementReader.Size(type) != tensor.End - tensor.Start)
            throw context.Invalid($"has {tensor.End - tensor.Start} bytes for {values.Length} elements");
        return new CheckpointTensor(name, view.Shape, values);
    }

    static ElementType? TypeOf(string name) => name switch
    {
        "F16" => ElementType.Float16,
        "BF16" => ElementType.BFloat16,
        "F32" => ElementType.Float32,
        "F64" => ElementType.Float64,
        "I8" => ElementType.Int8,
        "U8" => ElementType.UInt8,
        "I16" => ElementType.Int16,
        "I32" => ElementType.Int32,
        "I64" => ElementType.Int64,
        "BOOL" => ElementType.Bool,
        _ => null,
    };

    SeverityException Malformed() =>
        context.Invalid("has a tensor without \"dtype\", \"shape\" and \"data_offsets\" as the format has them");

    /// <summary>A tensor as the header describes it.</summary>
    /// <param name="Type">Its numbers' type.</param>
    /// <param name="Shape">Its dimensions.</param>
    /// <param name="Start">Its first byte, counted from the header's end.</param>
    /// <param name="End">The byte after its last.</param>
    sealed record SafeTensor(string Type, long[] Shape, long Start, long End);
}
