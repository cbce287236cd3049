using SeverityEngine.Models.Checkpoints.Pickle;
using SeverityEngine.Models.Checkpoints.ScikitLearn;

namespace SeverityEngine.Models.Checkpoints;

/// <summary>
/// A multilayer perceptron from scikit-learn, as a pickle of its coefficients: <c>(model.coefs_, model.intercepts_)</c>, two lists of numpy
/// arrays. Between layers stands a ReLU, which the file does not say. Nothing in the file is run.
/// </summary>
public sealed class MlpHead
{
    MlpHead(IReadOnlyList<MlpLayer> layers) => Layers = layers;

    /// <summary>The layers from the input on; the outputs of each are the inputs of the next.</summary>
    public IReadOnlyList<MlpLayer> Layers { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">What to refuse; <see cref="PickleLimits.Default"/> where null.</param>
    /// <exception cref="SeverityException">A file that is not there, not readable, empty or too large; and as for
    /// <see cref="Read(ReadOnlyMemory{byte}, string, PickleLimits?)"/>.</exception>
    public static MlpHead Read(string path, PickleLimits? limits = null) =>
        Read(CheckpointFile.ReadBytes(path, limits ?? PickleLimits.Default), path, limits);

    /// <summary>Reads a file from memory.</summary>
    /// <param name="bytes">The file's bytes; they must not change while the head is in use, for its arrays may be views of them.</param>
    /// <param name="name">What error messages call the file.</param>
    /// <param name="limits">What to refuse; <see cref="PickleLimits.Default"/> where null.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.CheckpointInvalid"/> for bytes that are damaged, hostile or beyond the
    /// limits; <see cref="SeverityError.CheckpointLayout"/> for a sound pickle of something else.</exception>
    public static MlpHead Read(ReadOnlyMemory<byte> bytes, string name = "head", PickleLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ReadContext context = new(name, limits ?? PickleLimits.Default);
        CheckpointFile.Require(bytes.Span, name, context.Limits);
        try
        {
            return new MlpHead(new CoefficientReader(context).Read(new PickleReader(bytes, 0, context).Read()));
        }
        catch (OutOfMemoryException e)
        {
            throw context.OutOfMemory(e);
        }
    }
}

/// <summary>One layer of a multilayer perceptron: its input times <paramref name="Weight"/>, plus <paramref name="Bias"/>.</summary>
/// <param name="Weight">Inputs by outputs.</param>
/// <param name="Bias">As many as the outputs.</param>
public sealed record MlpLayer(CheckpointTensor Weight, CheckpointTensor Bias);
