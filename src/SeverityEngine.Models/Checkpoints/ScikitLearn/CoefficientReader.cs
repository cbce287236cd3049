using SeverityEngine.Models.Checkpoints.Pickle;
using SeverityEngine.Models.Checkpoints.Tensors;

namespace SeverityEngine.Models.Checkpoints.ScikitLearn;

/// <summary>The layers of a perceptron from the lists of its coefficients and intercepts.</summary>
sealed class CoefficientReader(ReadContext context)
{
    const string Remedy = "pickle (model.coefs_, model.intercepts_)";

    readonly NumpyArrays _arrays = new(context);

    public IReadOnlyList<MlpLayer> Read(object? root)
    {
        ReadOnlySpan<object?> pair = Items(root);
        if (pair.Length != 2)
            throw context.Layout("is no pair of coefficients and intercepts", Remedy);
        ReadOnlySpan<object?> coefficients = Items(pair[0]);
        ReadOnlySpan<object?> intercepts = Items(pair[1]);
        if (coefficients.Length == 0 || coefficients.Length != intercepts.Length)
            throw context.Layout($"has {coefficients.Length} arrays of coefficients and {intercepts.Length} of intercepts", Remedy);
        List<MlpLayer> layers = [];
        for (int i = 0; i < coefficients.Length; i++)
        {
            CheckpointTensor weight = _arrays.Read($"coefficients.{i}", coefficients[i]);
            CheckpointTensor bias = _arrays.Read($"intercepts.{i}", intercepts[i]);
            if (weight.Shape.Count != 2 || bias.Shape.Count != 1 || bias.Shape[0] != weight.Shape[1])
                throw context.Layout($"has shapes in layer {i} that do not fit: {Show(weight)} and {Show(bias)}", Remedy);
            if (i > 0 && layers[i - 1].Bias.Shape[0] != weight.Shape[0])
                throw context.Layout($"has a layer {i} of shape {Show(weight)} after {layers[i - 1].Bias.Shape[0]} outputs", Remedy);
            context.Charge(2 * ReadContext.NodeCost);
            layers.Add(new MlpLayer(weight, bias));
        }
        return layers;
    }

    ReadOnlySpan<object?> Items(object? value) => value switch
    {
        PickleList list => list.Items,
        PickleTuple tuple => tuple.Items,
        _ => throw context.Layout("is no pair of lists of arrays", Remedy),
    };

    static string Show(CheckpointTensor tensor) => $"[{string.Join(", ", tensor.Shape)}]";
}

/// <summary>Arrays as numpy pickles them, of its versions 1 and 2.</summary>
sealed class NumpyArrays(ReadContext context)
{
    public CheckpointTensor Read(string name, object? value)
    {
        if (value is not PickleObject made)
            throw context.Invalid($"has something other than an array for {name}");
        context.At(made);
        TensorView view = made.Class.FullName switch
        {
            "numpy.core.multiarray._reconstruct" or "numpy._core.multiarray._reconstruct" => Reconstructed(made),
            "numpy.core.numeric._frombuffer" or "numpy._core.numeric._frombuffer" => FromBuffer(made.Args),
            string other =>
            throw context.Layout($"has {ReadContext.Quote(other)} for {name}, which is no numpy array", "pickle plain numpy arrays"),
        };
        context.Charge(ReadContext.NodeCost);
        return new CheckpointTensor(name, view.Shape, view.ToFloats());
    }

    // Made empty, then built from (version, shape, dtype, Fortran order, bytes).
    TensorView Reconstructed(PickleObject made)
    {
        if (made.State is not PickleTuple { Count: 5 } state || state[3] is not bool fortran)
            throw context.Invalid("has an array without its content");
        return View(state[4], state[2], state[1], fortran);
    }

    // Protocol 5: (buffer, dtype, shape, order).
    TensorView FromBuffer(PickleTuple args)
    {
        if (args.Count != 4 || args[3] is not ("C" or "F"))
            throw context.Invalid("has an array without its content");
        return View(args[0], args[1], args[2], args[3] is "F");
    }

    TensorView View(object? content, object? dtype, object? shape, bool fortran)
    {
        (ElementType type, bool bigEndian) = Type(dtype);
        long[] sizes = Sizes(shape);
        long[] strides;
        if (fortran)
        {
            Array.Reverse(sizes);
            strides = TensorView.ContiguousStrides(sizes);
            Array.Reverse(sizes);
            Array.Reverse(strides);
        }
        else
        {
            strides = TensorView.ContiguousStrides(sizes);
        }
        ReadOnlyMemory<byte> bytes = PickleCalls.Bytes(content, context);
        Int128 elements = 1;
        foreach (long size in sizes)
            elements = Int128.Min(elements * Math.Max(size, 0), long.MaxValue);
        if (bytes.Length != elements * ElementReader.Size(type))
            throw context.Invalid($"has an array of {elements} elements in {bytes.Length} bytes");
        return new TensorView(bytes, type, bigEndian, 0, sizes, strides, context);
    }

    // dtype('f4', False, True) built from (3, '<', ...).
    (ElementType Type, bool BigEndian) Type(object? value)
    {
        if (value is not PickleObject { Class.FullName: "numpy.dtype" or "numpy.dtypes.dtype" } dtype
            || dtype.Args.Count == 0
            || dtype.State is not PickleTuple { Count: >= 2 } state)
            throw context.Invalid("has an array without its type");
        ElementType type = Text(dtype.Args[0]) switch
        {
            "f2" => ElementType.Float16,
            "f4" => ElementType.Float32,
            "f8" => ElementType.Float64,
            string other => throw context.Layout($"has an array of type {ReadContext.Quote(other)}", "convert it to float32"),
        };
        return (type, Text(state[1]) == ">");
    }

    string Text(object? value) => value as string ?? throw context.Invalid("has an array without its type");

    long[] Sizes(object? value)
    {
        if (value is not PickleTuple tuple)
            throw context.Invalid("has an array whose shape is no tuple");
        context.Charge(2 * (ReadContext.NodeCost + (long)sizeof(long) * tuple.Count));
        long[] sizes = new long[tuple.Count];
        for (int i = 0; i < sizes.Length; i++)
            sizes[i] = tuple[i] is long size ? size : throw context.Invalid("has an array whose shape is no integers");
        return sizes;
    }
}
