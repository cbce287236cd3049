using SeverityEngine.Models.Checkpoints.Pickle;
using SeverityEngine.Models.Checkpoints.Tensors;

namespace SeverityEngine.Models.Checkpoints.PyTorch;

/// <summary>A block of numbers outside the pickle, which any number of tensors may look into.</summary>
sealed class TorchStorage
{
    public const int Cost = 2 * ReadContext.NodeCost;

    /// <summary>The name it has in the file.</summary>
    public required string Key { get; init; }

    /// <summary>What it was said to hold where it was first mentioned.</summary>
    public required ElementType Type { get; init; }

    /// <summary>How many elements, likewise.</summary>
    public required long Count { get; init; }

    /// <summary>Its bytes, once found.</summary>
    public ReadOnlyMemory<byte> Data { get; set; }

    /// <summary>Whether the high byte of a number comes first.</summary>
    public bool BigEndian { get; set; }

    /// <summary>Its type in elements for a storage of <paramref name="fullName"/>; null for what is no storage that is read.</summary>
    public static ElementType? TypeOf(string fullName) => fullName switch
    {
        "torch.HalfStorage" => ElementType.Float16,
        "torch.BFloat16Storage" => ElementType.BFloat16,
        "torch.FloatStorage" => ElementType.Float32,
        "torch.DoubleStorage" => ElementType.Float64,
        "torch.CharStorage" => ElementType.Int8,
        "torch.ByteStorage" => ElementType.UInt8,
        "torch.ShortStorage" => ElementType.Int16,
        "torch.IntStorage" => ElementType.Int32,
        "torch.LongStorage" => ElementType.Int64,
        "torch.BoolStorage" => ElementType.Bool,
        _ => null,
    };
}
