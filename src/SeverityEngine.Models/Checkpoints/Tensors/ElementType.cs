namespace SeverityEngine.Models.Checkpoints.Tensors;

/// <summary>The numbers that storages and arrays hold.</summary>
enum ElementType
{
    Float16,
    BFloat16,
    Float32,
    Float64,
    Int8,
    UInt8,
    Int16,
    Int32,
    Int64,
    Bool,
}
