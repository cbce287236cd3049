using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;

namespace SeverityEngine.Native.Abi;

/// <summary>Text as C has it: UTF-8 that ends with a zero byte.</summary>
static unsafe class Utf8
{
    static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a caller's text.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: NULL, empty, or not UTF-8.</exception>
    public static string Read(byte* text, string what)
    {
        if (text is null)
            Refuse($"the {what} is NULL");
        ReadOnlySpan<byte> bytes = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text);
        if (bytes.IsEmpty)
            Refuse($"the {what} is empty");
        try
        {
            return s_strict.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new SeverityException(SeverityError.InvalidArgument, $"the {what} '{Encoding.UTF8.GetString(bytes)}' is not UTF-8", e);
        }
    }

    /// <summary>A copy in native memory; whoever asks for it frees it with <see cref="NativeMemory.Free"/>, or keeps it for good.</summary>
    public static byte* Copy(string text)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        byte* copy = (byte*)NativeMemory.Alloc((nuint)length + 1);
        Encoding.UTF8.GetBytes(text, new Span<byte>(copy, length));
        copy[length] = 0;
        return copy;
    }

    [DoesNotReturn]
    static void Refuse(string message) => throw new SeverityException(SeverityError.InvalidArgument, message);
}
