using SeverityEngine.Inference;
using SeverityEngine.Interop;
using SeverityEngine.IO;
using SeverityEngine.Onnx;

namespace SeverityEngine;

/// <summary>A model file in memory, before a predictor is made of it.</summary>
public sealed class ModelFile
{
    const string BuiltInResource = "severity-compact.onnx";

    static readonly FileKind s_kind = new("model file")
    {
        Missing = SeverityError.ModelNotFound,
        Unreadable = SeverityError.ModelNotFound,
        TooLarge = SeverityError.ModelInvalid,
        IsNoDevice = true,
        FolderRemedy = "name the .onnx file in it",
        TooLargeRemedy = "no ONNX file may be so large",
    };

    /// <summary>The content; null for the built-in model.</summary>
    readonly byte[]? _bytes;
    string? _sha256;

    /// <summary>Takes a model file's content.</summary>
    /// <param name="bytes">The content; it is read, not copied, so leave it as it is.</param>
    /// <param name="source">What messages call the model.</param>
    public ModelFile(byte[] bytes, string source = "the given model")
    {
        ArgumentNullException.ThrowIfNull(bytes);
        ArgumentNullException.ThrowIfNull(source);
        _bytes = bytes;
        Source = source;
        Origin = ModelOrigin.Memory(this);
    }

    ModelFile(string builtInHash)
    {
        _sha256 = builtInHash;
        Source = "the built-in model";
        Origin = ModelOrigin.BuiltIn;
    }

    /// <summary>What messages call the model: its path, or that it is the built-in one.</summary>
    public string Source { get; }

    /// <summary>The file's content.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes ?? BuiltInContent();

    /// <summary>The file's SHA-256, as 64 hexadecimal digits; computed at the first use.</summary>
    public string Sha256 => _sha256 ??= ContentHash.Sha256(Bytes);

    /// <summary>The content as ONNX Runtime's binding asks for it; a copy of the built-in model, which is not kept.</summary>
    internal byte[] ToArray()
    {
        if (_bytes is not null)
            return _bytes;
        ReadOnlySpan<byte> content = BuiltInContent();
        byte[] copy = HugePages.Allocate(content.Length);
        content.CopyTo(copy);
        return copy;
    }

    /// <summary>Where the content can be read again.</summary>
    internal ModelOrigin Origin { get; private init; }

    /// <summary>The file as a graph.</summary>
    /// <param name="mustBeData">Whether to refuse one that is code.</param>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.ModelInvalid"/>: it is damaged, or uses what is not supported;
    /// <see cref="SeverityError.ModelUntrusted"/>.
    /// </exception>
    internal OnnxModel ToGraph(bool mustBeData = false) => OnnxFaults.Translate(
        Source, () => mustBeData ? SafetyChecker.Read(Bytes, Source) : OnnxModel.Parse(Bytes, Source));

    /// <summary>The model that is part of the engine, severity-compact.</summary>
    public static ModelFile BuiltIn() => new(BuiltInModel.Sha256);

    /// <summary>The resource where the assembly, or the program that it is part of, is mapped: as long as the process runs.</summary>
    static unsafe ReadOnlySpan<byte> BuiltInContent()
    {
        using UnmanagedMemoryStream stream =
            typeof(ModelFile).Assembly.GetManifestResourceStream(BuiltInResource) as UnmanagedMemoryStream
            ?? throw new SeverityException(SeverityError.Internal, $"this build of the engine lacks its model, {BuiltInResource}");
        return new(stream.PositionPointer, checked((int)stream.Length));
    }

    /// <summary>Reads a model file.</summary>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.ModelNotFound"/> or, above 2 GiB and for what only stands for a file in Git LFS,
    /// <see cref="SeverityError.ModelInvalid"/>.
    /// </exception>
    public static ModelFile Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        byte[] bytes = WholeFile.Read(path, s_kind, Array.MaxLength);
        if (GitLfsPointer.Matches(bytes))
            throw new SeverityException(SeverityError.ModelInvalid, $"{path}: {GitLfsPointer.Fault}");
        FileInfo file = new(path);
        // What came through a pipe cannot be read again, so it is kept.
        return file.Exists && file.Length == bytes.Length
            ? new ModelFile(bytes, path) { Origin = ModelOrigin.File(file) }
            : new ModelFile(bytes, path);
    }
}
