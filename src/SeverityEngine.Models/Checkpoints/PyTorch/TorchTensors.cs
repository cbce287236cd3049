using SeverityEngine.Models.Checkpoints.Pickle;
using SeverityEngine.Models.Checkpoints.Tensors;

namespace SeverityEngine.Models.Checkpoints.PyTorch;

/// <summary>Tensors from the calls that rebuild them; one that is mentioned twice is made once.</summary>
sealed class TorchTensors(ReadContext context)
{
    const string Rebuild = "torch._utils._rebuild_";

    readonly Dictionary<PickleObject, TensorValue> _made = new(ReferenceEqualityComparer.Instance);

    /// <summary>Whether a value is a tensor or parameter, readable or not.</summary>
    public static bool IsTensor(object? value) =>
        value is PickleObject made
        && (made.Class.FullName.StartsWith(Rebuild, StringComparison.Ordinal)
        || made.Class.FullName == "torch._tensor._rebuild_from_type_v2");

    /// <summary>The tensor under a name.</summary>
    public CheckpointTensor Read(string name, object? value)
    {
        TensorValue tensor = Read(value);
        context.Charge(ReadContext.NodeCost);
        return new CheckpointTensor(name, tensor.Shape, tensor.Values);
    }

    TensorValue Read(object? value)
    {
        if (value is not PickleObject made)
            throw context.Invalid("has something other than a tensor where one belongs");
        if (_made.TryGetValue(made, out TensorValue? known))
            return known;
        context.At(made);
        PickleTuple args = made.Args;
        TensorValue tensor = made.Class.FullName switch
        {
            // (storage, offset, size, stride, requires_grad, hooks, metadata), the last three being optional
            "torch._utils._rebuild_tensor" or "torch._utils._rebuild_tensor_v2" when args.Count >= 4 => View(args),
            // (data, requires_grad, hooks, state), the last being optional
            "torch._utils._rebuild_parameter" or "torch._utils._rebuild_parameter_with_state" when args.Count >= 1 => Read(args[0]),
            // (function, type, args, state): a subclass of a tensor, or one with attributes of its own
            "torch._tensor._rebuild_from_type_v2" when args.Count >= 3 && args[0] is PickleGlobal function
                && args[2] is PickleTuple inner =>
                Read(new PickleObject(function, inner, context)),
            "torch._utils._rebuild_qtensor" =>
                throw context.Layout("has a quantized tensor, which is not read", "save the weights before quantization"),
            string other => throw context.Layout($"has a tensor made by {ReadContext.Quote(other)}, which is not read"),
        };
        context.Charge(ReadContext.NodeCost);
        _made.Add(made, tensor);
        return tensor;
    }

    TensorValue View(PickleTuple args)
    {
        if (args[0] is not TorchStorageView storage)
            throw context.Invalid("has a tensor without a storage");
        if (args[1] is not long offset)
            throw context.Invalid("has a tensor without an offset");
        TensorView view = new(
            storage.Bytes(context), storage.Type, storage.BigEndian, offset, Sizes(args[2]), Sizes(args[3]), context);
        return new TensorValue(view.Shape, view.ToFloats());
    }

    long[] Sizes(object? value)
    {
        // torch.Size is a tuple by another name.
        PickleTuple? tuple = value is PickleObject { Class.FullName: "torch.Size" } size && size.Args.Count == 1
            ? size.Args[0] as PickleTuple
            : value as PickleTuple;
        if (tuple is null)
            throw context.Invalid("has a tensor whose sizes or strides are no tuple");
        context.Charge(ReadContext.NodeCost + (long)sizeof(long) * tuple.Count);
        long[] sizes = new long[tuple.Count];
        for (int i = 0; i < sizes.Length; i++)
            sizes[i] = tuple[i] is long number ? number : throw context.Invalid("has a tensor whose sizes or strides are no integers");
        return sizes;
    }

    sealed record TensorValue(int[] Shape, ReadOnlyMemory<float> Values);
}
