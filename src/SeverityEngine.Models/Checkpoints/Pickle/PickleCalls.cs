namespace SeverityEngine.Models.Checkpoints.Pickle;

/// <summary>
/// What stands in for calls. The few containers and conversions named here are what the pickle format itself is made of, and are done by
/// this code; every other class or function becomes a <see cref="PickleObject"/> that remembers its name and arguments.
/// </summary>
static class PickleCalls
{
    /// <summary>REDUCE: a callable and its arguments.</summary>
    public static object? Call(object? callee, object? args, ReadContext context)
    {
        PickleGlobal global = Named(callee, context);
        PickleTuple given = Arguments(args, context);
        switch (global.FullName)
        {
            case "collections.OrderedDict" or "builtins.dict" or "__builtin__.dict":
                return Dict(given, context);
            case "collections.defaultdict":
                // The first argument makes missing values; none is ever made here.
                return new PickleDict(context);
            case "builtins.set" or "__builtin__.set" or "builtins.frozenset" or "__builtin__.frozenset":
                return List(given, isSet: true, context);
            case "builtins.list" or "__builtin__.list":
                return List(given, isSet: false, context);
            case "builtins.tuple" or "__builtin__.tuple":
                return new PickleTuple(Items(given, context), context);
            case "builtins.bytes" or "__builtin__.bytes" or "builtins.bytearray" or "__builtin__.bytearray" when given.Count == 0:
                return new PickleBytes(default, context);
            // Protocols without bytes write them as a text, a character for each.
            case "_codecs.encode" or "builtins.bytearray" or "__builtin__.bytearray" when given.Count == 2
                && given[1] is "latin1" or "latin-1":
            case "builtins.bytes" or "__builtin__.bytes" or "builtins.bytearray" or "__builtin__.bytearray" when given.Count == 1:
                return new PickleBytes(Bytes(given[0], context), context);
            case "copyreg._reconstructor" or "copy_reg._reconstructor" when given.Count == 3:
                return New(given[0], new PickleTuple([], context), context);
            default:
                return new PickleObject(global, given, context);
        }
    }

    /// <summary>NEWOBJ and its like: a class and its arguments.</summary>
    public static object? New(object? type, object? args, ReadContext context)
    {
        PickleGlobal global = Named(type, context);
        return global.FullName == "collections.OrderedDict"
            ? new PickleDict(context)
            : new PickleObject(global, Arguments(args, context), context);
    }

    /// <summary>BUILD: an object's state.</summary>
    public static void Build(object? target, object? state, ReadContext context)
    {
        if (target is PickleObject made)
            made.Build(state, context);
        // The attributes of an ordered dict, as state_dict()'s _metadata, say nothing about its entries.
        else if (target is not PickleDict)
            throw context.Invalid("gives a state to what can have none");
    }

    public static void AddItems(object? target, bool isSet, ReadOnlySpan<object?> items, ReadContext context)
    {
        // The items of an unknown class's object are of no use; what is added to a list is.
        if (target is PickleObject)
            return;
        if (target is not PickleList list || list.IsSet != isSet)
            throw context.Invalid($"adds items to what is no {(isSet ? "set" : "list")}");
        foreach (object? item in items)
            list.Add(item, context);
    }

    public static void SetItems(object? target, ReadOnlySpan<object?> keysAndValues, ReadContext context)
    {
        if (keysAndValues.Length % 2 != 0)
            throw context.Invalid("has a key without a value");
        if (target is PickleObject)
            return;
        if (target is not PickleDict dict)
            throw context.Invalid("sets entries of what is no dict");
        for (int i = 0; i < keysAndValues.Length; i += 2)
            dict.Set(keysAndValues[i], keysAndValues[i + 1], context);
    }

    /// <summary>Bytes, or the text that stands for them, a character for each.</summary>
    public static ReadOnlyMemory<byte> Bytes(object? value, ReadContext context)
    {
        if (value is PickleBytes bytes)
            return bytes.Bytes;
        if (value is not string text)
            throw context.Invalid("has something other than bytes where bytes belong");
        context.Charge(ReadContext.NodeCost + text.Length);
        byte[] encoded = new byte[text.Length];
        for (int i = 0; i < encoded.Length; i++)
            encoded[i] = text[i] <= byte.MaxValue
                ? (byte)text[i] : throw context.Invalid("has a character beyond Latin-1 where bytes belong");
        return encoded;
    }

    static PickleDict Dict(PickleTuple args, ReadContext context)
    {
        PickleDict dict = new(context);
        foreach (object? entry in Items(args, context))
        {
            ReadOnlySpan<object?> pair = entry switch
            {
                PickleTuple tuple => tuple.Items,
                PickleList list => list.Items,
                _ => default,
            };
            if (pair.Length != 2)
                throw context.Invalid("makes a dict of what are no pairs");
            dict.Set(pair[0], pair[1], context);
        }
        return dict;
    }

    static PickleList List(PickleTuple args, bool isSet, ReadContext context)
    {
        PickleList list = new(context, isSet);
        foreach (object? item in Items(args, context))
            list.Add(item, context);
        return list;
    }

    static ReadOnlySpan<object?> Items(PickleTuple args, ReadContext context) => args.Count switch
    {
        0 => [],
        1 when args[0] is PickleTuple tuple => tuple.Items,
        1 when args[0] is PickleList list => list.Items,
        _ => throw context.Invalid("makes a container of what is no list or tuple"),
    };

    static PickleGlobal Named(object? callee, ReadContext context) =>
        callee as PickleGlobal ?? throw context.Invalid("calls something that is not named as a class or function");

    static PickleTuple Arguments(object? args, ReadContext context) =>
        args as PickleTuple ?? throw context.Invalid("has arguments that are no tuple");
}
