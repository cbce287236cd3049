namespace SeverityEngine.Models.Checkpoints.Pickle;

/// <summary>The stack of values, the stack of marks in it, and the memo of a pickle, each within its limit.</summary>
sealed class PickleStack(ReadContext context)
{
    static readonly object s_unset = new();

    object?[] _values = [];
    int[] _marks = [];
    object?[] _memo = [];
    int _count;
    int _markCount;
    int _memoCount;

    /// <summary>Values may be popped down to the last mark, not through it.</summary>
    int Fence => _markCount == 0 ? 0 : _marks[_markCount - 1];

    public void Push(object? value)
    {
        if (_count == _values.Length)
            Grow(ref _values, _count, context.Limits.MaxStackDepth, "values on the stack");
        _values[_count++] = value;
    }

    public object? Pop()
    {
        object? value = Peek();
        _values[--_count] = null;
        return value;
    }

    public object? Peek()
    {
        if (_count <= Fence)
            throw context.Invalid("takes a value from the stack where there is none");
        return _values[_count - 1];
    }

    public void Mark()
    {
        if (_markCount == _marks.Length)
            Grow(ref _marks, _markCount, context.Limits.MaxStackDepth, "marks on the stack");
        _marks[_markCount++] = _count;
    }

    /// <summary>The values above the last mark.</summary>
    public ReadOnlySpan<object?> AboveMark()
    {
        if (_markCount == 0)
            throw context.Invalid("asks for a mark where there is none");
        return _values.AsSpan(Fence, _count - Fence);
    }

    /// <summary>The value that the last mark was set upon.</summary>
    public object? BelowMark()
    {
        int below = _markCount < 2 ? 0 : _marks[_markCount - 2];
        if (_markCount == 0 || Fence <= below)
            throw context.Invalid("asks for a value below a mark where there is none");
        return _values[Fence - 1];
    }

    /// <summary>Drops the last mark and the values above it.</summary>
    public void DropMark()
    {
        int above = AboveMark().Length;
        _markCount--;
        Drop(above);
    }

    /// <summary>The topmost <paramref name="count"/> values.</summary>
    public ReadOnlySpan<object?> Top(int count)
    {
        if (_count - count < Fence)
            throw context.Invalid($"takes {count} values from the stack, which holds {_count - Fence}");
        return _values.AsSpan(_count - count, count);
    }

    public void Drop(int count)
    {
        _count -= count;
        Array.Clear(_values, _count, count);
    }

    /// <summary>POP takes a mark away where one is on top.</summary>
    public void PopValueOrMark()
    {
        if (_markCount > 0 && _count == Fence)
            _markCount--;
        else
            Pop();
    }

    public void Memoize() => Put((ulong)_memoCount);

    public void Put(ulong index)
    {
        object? value = Peek();
        // Writers number their entries in order, and each takes a byte at least: no index can be past the place where it stands.
        if (index > (ulong)context.Offset)
            throw context.Invalid($"remembers a value under the number {index}, more than the file has bytes up to there");
        int at = (int)index;
        while (at >= _memo.Length)
        {
            int old = _memo.Length;
            Grow(ref _memo, old, context.Limits.MaxMemoEntries, "remembered values");
            Array.Fill(_memo, s_unset, old, _memo.Length - old);
        }
        if (_memo[at] == s_unset)
            _memoCount++;
        _memo[at] = value;
    }

    public object? Get(ulong index)
    {
        object? value = index < (ulong)_memo.Length ? _memo[(int)index] : s_unset;
        if (value == s_unset)
            throw context.Invalid($"asks for the remembered value {index}, which there is not");
        return value;
    }

    void Grow<T>(ref T[] array, int count, int limit, string what)
    {
        if (count >= limit)
            throw context.Invalid($"has more than {limit} {what}", ReadContext.BeyondLimit);
        int size = (int)Math.Min(Math.Max(2L * count, 16), limit);
        context.Charge((long)ReadContext.ReferenceCost * size + ReadContext.NodeCost);
        Array.Resize(ref array, size);
    }
}
