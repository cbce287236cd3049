using SeverityEngine.IO;
using SeverityEngine.Models.Checkpoints.Networks;
using SeverityEngine.Models.Checkpoints.Pickle;
using SeverityEngine.Models.Checkpoints.PyTorch;
using SeverityEngine.Models.Checkpoints.SafeTensors;

namespace SeverityEngine.Models.Checkpoints;

/// <summary>
/// Reads weights that PyTorch saved: whole modules and state dicts, in the format before PyTorch 1.6 and in the zip archives since, or as
/// safetensors. Nothing in the file is run: what a pickle would import or call is kept as a name.
/// </summary>
/// <remarks>Of a file with more than one state dict or module, such as that of an interrupted training, the one with the most tensors is
/// read.</remarks>
public static class CheckpointFile
{
    static readonly FileKind s_kind = new("file")
    {
        IsNoDevice = true,
        FolderRemedy = "name the weights file in it",
        EmptyRemedy = "copy or download it again",
        TooLargeRemedy = "save the network's weights alone, model.state_dict(), with torch.save",
    };

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">What to refuse; <see cref="PickleLimits.Default"/> where null.</param>
    /// <exception cref="SeverityException">A file that is not there, not readable, empty or too large; and as for
    /// <see cref="Read(ReadOnlyMemory{byte}, string, PickleLimits?)"/>.</exception>
    public static Checkpoint Read(string path, PickleLimits? limits = null) =>
        Read(ReadBytes(path, limits ?? PickleLimits.Default), path, limits);

    /// <summary>Reads a file from memory.</summary>
    /// <param name="bytes">
    /// The file's bytes; they must not change while the checkpoint is in use, for its tensors may be views of them.
    /// </param>
    /// <param name="name">What error messages call the file.</param>
    /// <param name="limits">What to refuse; <see cref="PickleLimits.Default"/> where null.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.CheckpointInvalid"/> for bytes that are damaged, hostile or beyond the
    /// limits; <see cref="SeverityError.CheckpointLayout"/> for a sound file without weights that can be read.</exception>
    public static Checkpoint Read(ReadOnlyMemory<byte> bytes, string name = "checkpoint", PickleLimits? limits = null) =>
        Read(bytes, name, limits, network: null, stateDict: null);

    /// <summary>Reads the weights of a network, under the names that the network has for them.</summary>
    /// <param name="bytes">The file's bytes.</param>
    /// <param name="name">What error messages call the file.</param>
    /// <param name="limits">What to refuse; <see cref="PickleLimits.Default"/> where null.</param>
    /// <param name="network">The network's names; null for any weights, whose names stay as they are.</param>
    /// <param name="stateDict">Which of several to take, by its <see cref="Checkpoint.StateDict"/>; null for the one that fits.</param>
    internal static Checkpoint Read(
        ReadOnlyMemory<byte> bytes, string name, PickleLimits? limits, NetworkNames? network, string? stateDict)
    {
        ArgumentNullException.ThrowIfNull(name);
        ReadContext context = new(name, limits ?? PickleLimits.Default);
        context.At(0, "start of file");
        Require(bytes.Span, name, context.Limits);
        try
        {
            CheckpointContent content = ZipReader.Matches(bytes.Span) ? new ZipReader(bytes, context).Read()
                : LegacyReader.Matches(bytes.Span) ? new LegacyReader(bytes, context).Read()
                : SafeTensorsReader.Matches(bytes.Span) ? new SafeTensorsReader(bytes, context).Read()
                : throw context.Invalid("starts neither as a zip archive, nor as PyTorch's older format, nor as safetensors");
            return content.Read(WeightChoice.Among(content.Sets, network, stateDict, context), context);
        }
        catch (OutOfMemoryException e)
        {
            throw context.OutOfMemory(e);
        }
    }

    /// <summary>Reads any file of weights whole.</summary>
    internal static byte[] ReadBytes(string path, PickleLimits limits) => WholeFile.Read(path, s_kind, limits.MaxFileBytes);

    /// <summary>Refuses bytes from memory that would be too many in a file, and those that only stand for a file.</summary>
    internal static void Require(ReadOnlySpan<byte> bytes, string name, PickleLimits limits)
    {
        if (bytes.Length > limits.MaxFileBytes)
            throw WholeFile.TooLarge(name, s_kind, limits.MaxFileBytes);
        if (GitLfsPointer.Matches(bytes))
            throw new SeverityException(SeverityError.CheckpointInvalid, $"{name}: {GitLfsPointer.Fault}");
    }
}
