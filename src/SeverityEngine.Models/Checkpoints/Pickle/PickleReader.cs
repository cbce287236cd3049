namespace SeverityEngine.Models.Checkpoints.Pickle;

/// <summary>
/// Reads one pickle as data. The instructions of protocols 0 to 5 build lists, dicts, texts and numbers; where one would import or call
/// something, its name and arguments are kept instead (<see cref="PickleCalls"/>).
/// </summary>
/// <param name="data">The bytes the pickle stands in.</param>
/// <param name="start">Where it starts; offsets in messages count from the beginning of <paramref name="data"/>.</param>
/// <param name="context">Limits and messages.</param>
/// <param name="persistentIds">Gives the value for a persistent id; null where the file has no business with them.</param>
sealed class PickleReader(ReadOnlyMemory<byte> data, int start, ReadContext context, Func<object?, object?>? persistentIds = null)
{
    const int HighestProtocol = 5;

    static readonly object s_true = true;
    static readonly object s_false = false;
    static readonly object[] s_smallNumbers = [.. Enumerable.Range(0, 256).Select(i => (object)(long)i)];

    readonly ByteCursor _cursor = new(data, start, context);
    readonly PickleStack _stack = new(context);

    /// <summary>The byte after the pickle, once it has been read.</summary>
    public int Position => _cursor.Position;

    /// <summary>Reads up to the STOP and gives the value that is left.</summary>
    public object? Read()
    {
        while (true)
        {
            int offset = _cursor.Position;
            if (offset == data.Length)
            {
                context.At(offset, "end of file");
                throw context.Invalid("ends before the pickle's STOP");
            }
            Opcode opcode = (Opcode)_cursor.Byte();
            context.At(offset, opcode);
            if (opcode == Opcode.STOP)
                return _stack.Pop();
            Step(opcode);
        }
    }

    void Step(Opcode opcode)
    {
        switch (opcode)
        {
            case Opcode.PROTO:
                int protocol = _cursor.Byte();
                if (protocol > HighestProtocol)
                    throw context.Invalid($"has pickle protocol {protocol}; {HighestProtocol} is the highest there is");
                break;
            case Opcode.FRAME:
                ulong frame = _cursor.UInt64();
                if (frame > (ulong)(data.Length - Position))
                    throw context.Invalid($"has a frame of {frame} bytes where {data.Length - Position} are left");
                break;

            case Opcode.NONE: Push(null); break;
            case Opcode.NEWTRUE: Push(s_true); break;
            case Opcode.NEWFALSE: Push(s_false); break;
            case Opcode.INT: PushIntegerOrBoolean(_cursor.Line()); break;
            case Opcode.LONG: Push(PickleText.Integer(_cursor.Line(), context)); break;
            case Opcode.FLOAT: Push(PickleText.Float(_cursor.Line(), context)); break;
            case Opcode.BININT: PushNumber(_cursor.Int32()); break;
            case Opcode.BININT1: PushNumber(_cursor.Byte()); break;
            case Opcode.BININT2: PushNumber(_cursor.UInt16()); break;
            case Opcode.LONG1: PushLong(_cursor.Byte()); break;
            case Opcode.LONG4: PushLong(Length(_cursor.Int32())); break;
            case Opcode.BINFLOAT: PushFloat(_cursor.DoubleBigEndian()); break;

            case Opcode.STRING: Push(PickleText.QuotedString(_cursor.Line(), context)); break;
            case Opcode.UNICODE: Push(PickleText.RawUnicode(_cursor.Line(), context)); break;
            case Opcode.BINSTRING: Push(_cursor.Latin1(Length(_cursor.Int32()))); break;
            case Opcode.SHORT_BINSTRING: Push(_cursor.Latin1(_cursor.Byte())); break;
            case Opcode.SHORT_BINUNICODE: Push(_cursor.Utf8(_cursor.Byte())); break;
            case Opcode.BINUNICODE: Push(_cursor.Utf8(_cursor.UInt32())); break;
            case Opcode.BINUNICODE8: Push(_cursor.Utf8(_cursor.UInt64())); break;
            case Opcode.SHORT_BINBYTES: PushBytes(_cursor.Byte()); break;
            case Opcode.BINBYTES: PushBytes(_cursor.UInt32()); break;
            case Opcode.BINBYTES8 or Opcode.BYTEARRAY8: PushBytes(_cursor.UInt64()); break;

            case Opcode.MARK: _stack.Mark(); break;
            case Opcode.POP: _stack.PopValueOrMark(); break;
            case Opcode.POP_MARK: _stack.DropMark(); break;
            case Opcode.DUP: _stack.Push(_stack.Peek()); break;
            case Opcode.MEMOIZE: _stack.Memoize(); break;
            case Opcode.PUT: _stack.Put(MemoIndex(_cursor.Line())); break;
            case Opcode.BINPUT: _stack.Put(_cursor.Byte()); break;
            case Opcode.LONG_BINPUT: _stack.Put(_cursor.UInt32()); break;
            case Opcode.GET: _stack.Push(_stack.Get(MemoIndex(_cursor.Line()))); break;
            case Opcode.BINGET: _stack.Push(_stack.Get(_cursor.Byte())); break;
            case Opcode.LONG_BINGET: _stack.Push(_stack.Get(_cursor.UInt32())); break;

            case Opcode.EMPTY_TUPLE: PushTuple(0); break;
            case Opcode.TUPLE1: PushTuple(1); break;
            case Opcode.TUPLE2: PushTuple(2); break;
            case Opcode.TUPLE3: PushTuple(3); break;
            case Opcode.TUPLE: ReplaceMarked(new PickleTuple(_stack.AboveMark(), context)); break;
            case Opcode.EMPTY_LIST: Push(new PickleList(context)); break;
            case Opcode.EMPTY_SET: Push(new PickleList(context, isSet: true)); break;
            case Opcode.LIST: ReplaceMarked(ListOf(_stack.AboveMark(), isSet: false)); break;
            case Opcode.FROZENSET: ReplaceMarked(ListOf(_stack.AboveMark(), isSet: true)); break;
            case Opcode.EMPTY_DICT: Push(new PickleDict(context)); break;
            case Opcode.DICT:
                PickleDict dict = new(context);
                PickleCalls.SetItems(dict, _stack.AboveMark(), context);
                ReplaceMarked(dict);
                break;
            case Opcode.APPEND:
                object? item = _stack.Pop();
                PickleCalls.AddItems(_stack.Peek(), isSet: false, [item], context);
                break;
            case Opcode.APPENDS or Opcode.ADDITEMS: AddMarked(isSet: opcode == Opcode.ADDITEMS); break;
            case Opcode.SETITEM:
                object? value = _stack.Pop();
                object? key = _stack.Pop();
                PickleCalls.SetItems(_stack.Peek(), [key, value], context);
                break;
            case Opcode.SETITEMS: SetMarked(); break;

            case Opcode.GLOBAL: PushGlobal(_cursor.LineUtf8(), _cursor.LineUtf8()); break;
            case Opcode.STACK_GLOBAL:
                object? name = _stack.Pop();
                PushGlobal(_stack.Pop(), name);
                break;
            case Opcode.INST: Instantiate(); break;
            case Opcode.OBJ: InstantiateMarked(); break;
            case Opcode.NEWOBJ_EX:
                // Keyword arguments would go to code that is not run.
                if (_stack.Pop() is not PickleDict)
                    throw context.Invalid("has keyword arguments that are no dict");
                New();
                break;
            case Opcode.NEWOBJ: New(); break;
            case Opcode.REDUCE:
                object? args = _stack.Pop();
                Push(PickleCalls.Call(_stack.Pop(), args, context));
                break;
            case Opcode.BUILD:
                object? state = _stack.Pop();
                PickleCalls.Build(_stack.Peek(), state, context);
                break;
            case Opcode.PERSID: PushPersistent(_cursor.LineUtf8()); break;
            case Opcode.BINPERSID: PushPersistent(_stack.Pop()); break;

            case Opcode.EXT1 or Opcode.EXT2 or Opcode.EXT4:
                throw context.Invalid("refers to Python's extension registry, which is not part of the file", ReadContext.Resave);
            case Opcode.NEXT_BUFFER:
                throw context.Invalid("refers to a buffer that is not part of the file", ReadContext.Resave);
            case Opcode.READONLY_BUFFER:
                _stack.Peek();
                break;
            default:
                throw context.Invalid("is no pickle instruction");
        }
    }

    void Push(object? value)
    {
        context.Count();
        _stack.Push(value);
    }

    void PushNumber(int value)
    {
        if ((uint)value < (uint)s_smallNumbers.Length)
        {
            Push(s_smallNumbers[value]);
            return;
        }
        context.Charge(ReadContext.NumberCost);
        Push((long)value);
    }

    void PushFloat(double value)
    {
        context.Charge(ReadContext.NumberCost);
        Push(value);
    }

    // "00" and "01" are how protocol 0 writes False and True.
    void PushIntegerOrBoolean(ReadOnlySpan<byte> line) =>
        Push(line.SequenceEqual("00"u8) ? s_false : line.SequenceEqual("01"u8) ? s_true : PickleText.Integer(line, context));

    void PushLong(ulong length)
    {
        ReadOnlyMemory<byte> bytes = _cursor.Take(length);
        context.Charge(ReadContext.NodeCost);
        Push(PickleText.Long(bytes.Span, context));
    }

    void PushBytes(ulong length) => Push(new PickleBytes(_cursor.Bytes(length), context));

    void PushTuple(int count)
    {
        PickleTuple tuple = new(_stack.Top(count), context);
        _stack.Drop(count);
        Push(tuple);
    }

    void PushGlobal(object? module, object? name)
    {
        if (module is not string moduleText || name is not string nameText)
            throw context.Invalid("names a class by something other than texts");
        Push(new PickleGlobal(moduleText, nameText, context));
    }

    void PushPersistent(object? id)
    {
        if (persistentIds is null)
            throw context.Invalid("refers to data outside the pickle, which this kind of file does not have");
        Push(persistentIds(id));
    }

    void New()
    {
        object? args = _stack.Pop();
        Push(PickleCalls.New(_stack.Pop(), args, context));
    }

    void Instantiate()
    {
        PickleGlobal type = new(_cursor.LineUtf8(), _cursor.LineUtf8(), context);
        PickleTuple args = new(_stack.AboveMark(), context);
        ReplaceMarked(PickleCalls.New(type, args, context));
    }

    void InstantiateMarked()
    {
        ReadOnlySpan<object?> marked = _stack.AboveMark();
        if (marked.IsEmpty)
            throw context.Invalid("makes an object without naming its class");
        PickleTuple args = new(marked[1..], context);
        ReplaceMarked(PickleCalls.New(marked[0], args, context));
    }

    void AddMarked(bool isSet)
    {
        PickleCalls.AddItems(_stack.BelowMark(), isSet, _stack.AboveMark(), context);
        _stack.DropMark();
    }

    void SetMarked()
    {
        PickleCalls.SetItems(_stack.BelowMark(), _stack.AboveMark(), context);
        _stack.DropMark();
    }

    void ReplaceMarked(object? value)
    {
        _stack.DropMark();
        Push(value);
    }

    PickleList ListOf(ReadOnlySpan<object?> items, bool isSet)
    {
        PickleList list = new(context, isSet);
        foreach (object? item in items)
            list.Add(item, context);
        return list;
    }

    ulong Length(int length) =>
        length >= 0 ? (ulong)length : throw context.Invalid($"has a length of {length}");

    ulong MemoIndex(ReadOnlySpan<byte> line) =>
        PickleText.Integer(line, context) is long and >= 0 and long index
            ? (ulong)index
            : throw context.Invalid("has no memo number");
}
