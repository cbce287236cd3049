using System.Runtime.InteropServices;
using System.Text;

namespace SeverityEngine.Native.Handles;

/// <summary>Each thread's last error: the text stays where it is until the thread's next call, and goes with the thread.</summary>
sealed unsafe class ErrorText
{
    static readonly byte* s_none = AllocateEmpty();

    [ThreadStatic]
    static ErrorText? s_current;

    byte* _text;

    ~ErrorText() => NativeMemory.Free(_text);

    /// <summary>The text of the calling thread's last call; empty if that succeeded.</summary>
    public static byte* Current => s_current is { } current && current._text is not null ? current._text : s_none;

    /// <summary>Notes that a call succeeded.</summary>
    /// <returns><see cref="SeverityError.None"/>, the status to give back.</returns>
    public static int Succeed()
    {
        s_current?.Clear();
        return (int)SeverityError.None;
    }

    /// <summary>Notes why a call failed.</summary>
    /// <returns>The status to give back.</returns>
    public static int Fail(Exception exception)
    {
        SeverityError code = CodeOf(exception);
        Fail(exception is SeverityException ? exception.Message : $"{exception.GetType().Name}: {exception.Message}");
        return (int)code;
    }

    /// <summary>Notes why a call failed.</summary>
    public static void Fail(string message)
    {
        try
        {
            (s_current ??= new ErrorText()).Set(message);
        }
        catch (OutOfMemoryException)
        {
            // The status says it.
            s_current?.Clear();
        }
    }

    public static SeverityError CodeOf(Exception exception) => exception switch
    {
        SeverityException e => e.Code,
        OutOfMemoryException => SeverityError.OutOfMemory,
        _ => SeverityError.Internal,
    };

    void Set(string message)
    {
        int length = Encoding.UTF8.GetByteCount(message);
        _text = (byte*)NativeMemory.Realloc(_text, (nuint)length + 1);
        Encoding.UTF8.GetBytes(message, new Span<byte>(_text, length));
        _text[length] = 0;
    }

    void Clear()
    {
        if (_text is not null)
            *_text = 0;
    }

    static byte* AllocateEmpty() => (byte*)NativeMemory.AllocZeroed(1);
}
