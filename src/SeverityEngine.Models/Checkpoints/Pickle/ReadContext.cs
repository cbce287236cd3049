using System.Text;

namespace SeverityEngine.Models.Checkpoints.Pickle;

/// <summary>
/// What one reading shares from the first byte to the last tensor: the file's name and the place for messages, the limits,
/// and how much of them is used up.
/// </summary>
sealed class ReadContext(string name, PickleLimits limits)
{
    public const string Damaged = "the file is damaged or not a weights file: copy or download it again";
    /// <summary>What to do about a file beyond <see cref="PickleLimits"/>, which are far above any checkpoint's need.</summary>
    public const string BeyondLimit = "no checkpoint needs so much: check where it comes from, or " + Resave;

    public const string Resave = "load it in PyTorch and save model.state_dict() with torch.save";

    // Rough sizes on a 64-bit runtime, rounded up so that what is charged is never less than what is taken.
    public const int NodeCost = 96;
    public const int NumberCost = 24;
    public const int ReferenceCost = 8;

    long _memory;
    int _objects;
    long _offset;
    string? _step;
    Opcode _opcode;

    public PickleLimits Limits => limits;

    /// <summary>The entry of an archive that offsets count in; null for the file itself.</summary>
    public string? Part { get; set; }

    public long Offset => _offset;

    public Opcode Opcode => _opcode;

    /// <summary>Sets the place that errors name: an instruction of a pickle.</summary>
    public void At(long offset, Opcode opcode)
    {
        _offset = offset;
        _opcode = opcode;
        _step = null;
    }

    /// <summary>Sets the place that errors name: the instruction that made a value.</summary>
    public void At(PickleNode node) => At(node.Offset, node.Opcode);

    /// <summary>Sets the place that errors name: a step outside pickles.</summary>
    public void At(long offset, string step)
    {
        _offset = offset;
        _step = step;
    }

    /// <summary>Notes memory that is about to be taken; to be called before it is.</summary>
    public void Charge(long bytes)
    {
        if (bytes > limits.MaxMemoryBytes - _memory)
        {
            throw Invalid(
                $"takes {bytes} more bytes of memory after {_memory}, which is beyond the limit of {limits.MaxMemoryBytes}",
                BeyondLimit);
        }
        _memory += bytes;
    }

    /// <summary>Counts one value or one step of a walk, so that no file can keep the reader busy for ever.</summary>
    public void Count()
    {
        if (_objects >= limits.MaxObjects)
            throw Invalid($"has more than {limits.MaxObjects} objects", BeyondLimit);
        _objects++;
    }

    public SeverityException Invalid(string fault, string remedy = Damaged) => Fault(SeverityError.CheckpointInvalid, fault, remedy);

    public SeverityException Layout(string fault, string remedy = Resave) => Fault(SeverityError.CheckpointLayout, fault, remedy);

    /// <summary>What the limits allow can still be more than there is.</summary>
    public SeverityException OutOfMemory(OutOfMemoryException cause) =>
        Fault(SeverityError.OutOfMemory, $"no memory after {_memory} bytes", "free some and try again", cause);

    /// <summary>Text from the file for a message: short, and without what a terminal would obey.</summary>
    public static string Quote(string text)
    {
        const int Longest = 100;
        StringBuilder quoted = new("'");
        foreach (char c in text.AsSpan(0, Math.Min(text.Length, Longest)))
            quoted.Append(char.IsControl(c) || char.IsSurrogate(c) ? '?' : c);
        return quoted.Append(text.Length > Longest ? "...'" : "'").ToString();
    }

    SeverityException Fault(SeverityError code, string fault, string remedy, Exception? cause = null)
    {
        string part = Part is null ? "" : $" ({Quote(Part)})";
        return new SeverityException(code, $"{name}{part}: at byte {_offset} ({_step ?? _opcode.ToString()}): {fault}; {remedy}", cause);
    }
}
