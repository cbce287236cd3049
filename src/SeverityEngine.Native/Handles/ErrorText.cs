using System.Runtime.InteropServices;
using System.Text;

namespace SeverityEngine.Native.Handles;

/// <summary>
/// What each thread's last call has to say: why it failed, and what was odd about its images. The texts stay where they are until the
/// thread's next call, and go with the thread.
/// </summary>
sealed unsafe class ErrorText
{
    static readonly byte* s_none = AllocateEmpty();

    [ThreadStatic]
    static ErrorText? s_current;

    byte* _text;
    byte* _warnings;
    bool _warned;

    ~ErrorText()
    {
        NativeMemory.Free(_text);
        NativeMemory.Free(_warnings);
    }

    /// <summary>The text of the calling thread's last call; empty if that succeeded.</summary>
    public static byte* Current => s_current is { } current && current._text is not null ? current._text : s_none;

    /// <summary>The warnings of the calling thread's last call, a line each; empty if there were none.</summary>
    public static byte* Warnings => s_current is { } current && current._warnings is not null ? current._warnings : s_none;

    /// <summary>
    /// Notes what is odd about the images of the call that is about to end. Nothing that calls back into the library may follow.
    /// </summary>
    public static void Warn(IReadOnlyCollection<string> warnings)
    {
        if (warnings.Count == 0)
            return;
        ErrorText current = s_current ??= new ErrorText();
        // A file's name may hold a line feed; here one ends a warning.
        Set(ref current._warnings, string.Join('\n', warnings.Select(w => w.Replace('\n', ' '))));
        current._warned = true;
    }

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
            ErrorText current = s_current ??= new ErrorText();
            current.Clear();
            Set(ref current._text, message);
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

    static void Set(ref byte* text, string message)
    {
        int length = Encoding.UTF8.GetByteCount(message);
        text = (byte*)NativeMemory.Realloc(text, (nuint)length + 1);
        Encoding.UTF8.GetBytes(message, new Span<byte>(text, length));
        text[length] = 0;
    }

    /// <summary>Takes the texts of earlier calls away; the warnings of the one that ends now stay.</summary>
    void Clear()
    {
        if (_text is not null)
            *_text = 0;
        if (_warnings is not null && !_warned)
            *_warnings = 0;
        _warned = false;
    }

    static byte* AllocateEmpty() => (byte*)NativeMemory.AllocZeroed(1);
}
