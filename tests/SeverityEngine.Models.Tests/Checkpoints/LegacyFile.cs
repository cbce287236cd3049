namespace SeverityEngine.Models.Tests.Checkpoints;

/// <summary>Files in PyTorch's format before 1.6, with any value and any storages.</summary>
static class LegacyFile
{
    static ReadOnlySpan<byte> Start =>
        [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.', (byte)'M', 0xe9, 3, (byte)'.', (byte)'}',
        (byte)'.'];

    /// <summary>A file whose value is what <paramref name="value"/> leaves on the stack.</summary>
    public static byte[] Of(Action<PickleWriter> value, params (string Key, long Count, byte[] Data)[] storages)
    {
        PickleWriter file = new PickleWriter().Raw(Start);
        value(file);
        file.Op('.').Op(']').Op('(');
        foreach ((string key, _, _) in storages)
            file.Text(key);
        file.Op('e').Op('.');
        foreach ((_, long count, byte[] data) in storages)
            file.Raw(BitConverter.GetBytes(count)).Raw(data);
        return file.ToArray();
    }

    /// <summary>Pushes a tensor over a storage 's'; sizes and strides as pickled integers.</summary>
    public static PickleWriter Tensor(
        this PickleWriter pickle, long offset, long[] sizes, long[] strides, string type = "FloatStorage", long count = 6, string key = "s",
        Action<PickleWriter>? view = null)
    {
        pickle.Global("torch._utils", "_rebuild_tensor_v2").Op('(').Op('(').Text("storage").Global("torch", type).Text(key).Text("cpu")
            .Long(count);
        if (view is null)
            pickle.Op('N');
        else
            view(pickle);
        pickle.Op('t').Op('Q').Long(offset).Op('(');
        foreach (long size in sizes)
            pickle.Long(size);
        pickle.Op('t').Op('(');
        foreach (long stride in strides)
            pickle.Long(stride);
        return pickle.Op('t').Op(0x89).Op('}').Op('t').Op('R');
    }

    /// <summary>Pushes a module: its tensors and children are what the actions push between marks, names first.</summary>
    public static PickleWriter Module(this PickleWriter pickle, Action<PickleWriter> parameters, Action<PickleWriter> children)
    {
        pickle.Global("m", "Module").Op(')').Op(0x81).Op('}').Op('(').Text("_parameters").Op('}').Op('(');
        parameters(pickle);
        pickle.Op('u').Text("_modules").Op('}').Op('(');
        children(pickle);
        return pickle.Op('u').Op('u').Op('b');
    }
}
