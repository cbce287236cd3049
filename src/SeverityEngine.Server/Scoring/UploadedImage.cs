using SeverityEngine.Batch.Inputs;
using SeverityEngine.IO;

namespace SeverityEngine.Server.Scoring;

/// <summary>An image that a request brought, in pooled memory.</summary>
/// <param name="name">What the request calls it.</param>
/// <param name="rented">An array from <see cref="FilePool"/>, which goes back when the image is scored or disposed.</param>
/// <param name="length">How many bytes of it are the image.</param>
/// <param name="memory">What it was counted in.</param>
/// <param name="held">How much of that it holds, in bytes.</param>
sealed class UploadedImage(string name, byte[] rented, int length, UploadMemory memory, long held) : InputItem(name), IDisposable
{
    byte[]? _rented = rented;
    bool _isGiven;

    /// <summary>The bytes, until they are read.</summary>
    public ReadOnlySpan<byte> Bytes => _rented.AsSpan(0, length);

    public override ImageFile Read(ImageLimits limits)
    {
        byte[] bytes = _rented!;
        _rented = null;
        return ImageFile.Take(Name, bytes, length, limits);
    }

    public override byte[]? ReadStart(ImageLimits limits) => null;

    /// <summary>The same image under another name; this one is done with.</summary>
    public UploadedImage Renamed(string other)
    {
        UploadedImage renamed = new(other, _rented!, length, memory, held);
        (_rented, _isGiven) = (null, true);
        return renamed;
    }

    public void Dispose()
    {
        if (_rented is { } bytes)
            FilePool.Return(bytes);
        _rented = null;
        if (!_isGiven)
            memory.Give(held);
        _isGiven = true;
    }
}
