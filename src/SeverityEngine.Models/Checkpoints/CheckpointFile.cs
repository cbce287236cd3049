using SeverityEngine.Models.Checkpoints.Pickle;
using SeverityEngine.Models.Checkpoints.PyTorch;

namespace SeverityEngine.Models.Checkpoints;

/// <summary>
/// Reads weights that PyTorch saved: whole modules and state dicts, in the format before PyTorch 1.6 and in the zip archives since.
/// Nothing in the file is run: what a pickle would import or call is kept as a name.
/// </summary>
public static class CheckpointFile
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">What to refuse; <see cref="PickleLimits.Default"/> where null.</param>
    /// <exception cref="SeverityException">A file that is not there, not readable, empty or too large; and as for
    /// <see cref="Read(ReadOnlyMemory{byte}, string, PickleLimits?)"/>.</exception>
    public static Checkpoint Read(string path, PickleLimits? limits = null) =>
        Read(WholeFile.Read(path, limits ?? PickleLimits.Default), path, limits);

    /// <summary>Reads a file from memory.</summary>
    /// <param name="bytes">The file's bytes; they must not change while the checkpoint is in use, for its tensors may be views of them.</param>
    /// <param name="name">What error messages call the file.</param>
    /// <param name="limits">What to refuse; <see cref="PickleLimits.Default"/> where null.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.CheckpointInvalid"/> for bytes that are damaged, hostile or beyond the
    /// limits; <see cref="SeverityError.CheckpointLayout"/> for a sound file without weights that can be read.</exception>
    public static Checkpoint Read(ReadOnlyMemory<byte> bytes, string name = "checkpoint", PickleLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ReadContext context = new(name, limits ?? PickleLimits.Default);
        context.At(0, "start of file");
        if (bytes.Length > context.Limits.MaxFileBytes)
            throw WholeFile.TooLarge(name, context.Limits);
        try
        {
            if (ZipReader.Matches(bytes.Span))
                return new ZipReader(bytes, context).Read();
            if (LegacyReader.Matches(bytes.Span))
                return new LegacyReader(bytes, context).Read();
        }
        catch (OutOfMemoryException e)
        {
            throw context.OutOfMemory(e);
        }
        throw context.Invalid("starts neither as a zip archive nor as PyTorch's older format");
    }
}
