using System.Globalization;
using System.Numerics;
using System.Text;
using SeverityEngine.Models.Checkpoints;
using SeverityEngine.Models.Checkpoints.Pickle;

namespace SeverityEngine.Models.Tests.Checkpoints.Pickle;

public class PickleReaderTests
{
    [Fact]
    public void Plain_values_of_every_protocol_are_what_python_pickled()
    {
        string[] rows = File.ReadAllLines(Samples.PathOf("pickles.tsv"));
        Assert.True(rows.Length >= 240);
        foreach (string row in rows)
        {
            string[] columns = row.Split('\t');
            Assert.Equal($"{columns[0]} {columns[2]}", $"{columns[0]} {Render(Read(Convert.FromHexString(columns[1])))}");
        }
    }

    [Theory]
    // Strings as Python 2 wrote them, which stand for texts and bytes alike.
    [InlineData("S'it\\'s \\x41\\n'\n.", "\"it's A\\n\"")]
    [InlineData("T\u0003\0\0\0a\u00e9z.", "\"a\\u00e9z\"")]
    [InlineData("U\u0002hi.", "\"hi\"")]
    // Marks and the stack.
    [InlineData("(K\u0001K\u0002l.", "[1, 2]")]
    [InlineData("(K\u0001K\u0002d.", "{1: 2}")]
    [InlineData("K\u0001(K\u0002K\u00031.", "1")]
    [InlineData("K\u0001(0.", "1")]
    [InlineData("K\u00012\u0086.", "(1, 1)")]
    [InlineData("](K\u0001e(K\u0002K\u0003e.", "[1, 2, 3]")]
    [InlineData("I01\n.", "True")]
    [InlineData("L-12L\n.", "-12")]
    // Classes and calls, all of them inert.
    [InlineData("cos\nsystem\n.", "<os.system>")]
    [InlineData("(S'id'\nios\nsystem\n.", "os.system(\"id\")")]
    [InlineData("(cos\nsystem\nS'id'\no.", "os.system(\"id\")")]
    [InlineData("\u008c\u0002os\u008c\u0006system\u0093\u008c\u0002id\u0085R.", "os.system(\"id\")")]
    [InlineData("cm\nC\n)\u0081}U\u0001aK\u0001sb.", "m.C(){\"a\": 1}")]
    [InlineData("cm\nC\nK\u0005\u0085}\u0092.", "m.C(5)")]
    [InlineData("ccopy_reg\n_reconstructor\n(cm\nC\nc__builtin__\nobject\nNtR.", "m.C()")]
    [InlineData("ccollections\nOrderedDict\n]]U\u0001aaK\u0001aa\u0085R.", "{\"a\": 1}")]
    [InlineData("ccollections\nOrderedDict\n]U\u0001aK\u0001\u0086a\u0085R.", "{\"a\": 1}")]
    public void Instructions_do_what_the_format_says(string pickle, string expected) =>
        Assert.Equal(expected, Render(Read(Encoding.Latin1.GetBytes(pickle))));

    [Theory]
    [InlineData("", 0, "end of file")]
    [InlineData("]", 1, "end of file")]
    [InlineData("\u0080\u0006.", 0, "PROTO", "protocol 6")]
    [InlineData("\u0095\u00ff\u00ff\u00ff\u00ff\0\0\0\0.", 0, "FRAME", "4294967295")]
    [InlineData(".", 0, "STOP", "none")]
    [InlineData("(.", 1, "STOP", "none")]
    [InlineData("\u0085.", 0, "TUPLE1")]
    [InlineData("K\u0001(\u0085.", 3, "TUPLE1")]
    [InlineData("t.", 0, "TUPLE", "mark")]
    [InlineData("1.", 0, "POP_MARK", "mark")]
    [InlineData("0.", 0, "POP", "none")]
    [InlineData("(e.", 1, "APPENDS", "below a mark")]
    [InlineData("}(K\u0001e.", 4, "APPENDS", "no list")]
    [InlineData("]K\u0001K\u0001s.", 5, "SETITEM", "no dict")]
    [InlineData("}(K\u0001u.", 4, "SETITEMS", "without a value")]
    [InlineData("](K\u0001\u0090.", 4, "ADDITEMS", "no set")]
    [InlineData("X\u00ff\u00ff\u00ff\u00ffabc", 0, "BINUNICODE", "4294967295 bytes")]
    [InlineData("\u008d\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ffabc", 0, "BINUNICODE8", "18446744073709551615 bytes")]
    [InlineData("X\u0005\0\0\0abc", 0, "BINUNICODE", "needs 5 bytes where 3 are left")]
    [InlineData("B\u0000\u0000\u0000\u0080abc", 0, "BINBYTES", "2147483648 bytes")]
    [InlineData("\u008e\0\0\0\0\0\0\0\u0080abc", 0, "BINBYTES8", "9223372036854775808 bytes")]
    [InlineData("\u0096\0\0\0\u0001\0\0\0\0abc", 0, "BYTEARRAY8", "needs 16777216 bytes")]
    [InlineData("T\u00ff\u00ff\u00ff\u00ffabc", 0, "BINSTRING", "length of -1")]
    [InlineData("\u008b\u00ff\u00ff\u00ff\u00ffabc", 0, "LONG4", "length of -1")]
    [InlineData("\u008b\u00ff\u00ff\u00ff\u007fabc", 0, "LONG4", "needs 2147483647 bytes")]
    [InlineData("X\u0001\0\0\0\u00ff.", 0, "BINUNICODE", "UTF-8")]
    [InlineData("Nr\u00ff\u00ff\u00ff\u00ff.", 1, "LONG_BINPUT", "4294967295")]
    [InlineData("Np-1\n.", 1, "PUT", "memo number")]
    [InlineData("h\u0005.", 0, "BINGET", "remembered value 5")]
    [InlineData("j\u00ff\u00ff\u00ff\u00ff.", 0, "LONG_BINGET", "remembered value 4294967295")]
    [InlineData("g99999999999999999999\n.", 0, "GET", "memo number")]
    [InlineData("Iabc\n.", 0, "INT", "no integer")]
    [InlineData("Fabc\n.", 0, "FLOAT", "no number")]
    [InlineData("Sabc\n.", 0, "STRING", "quotes")]
    [InlineData("S'\\x4'\n.", 0, "STRING", "escape")]
    [InlineData("V\\ud8\n.", 0, "UNICODE", "escape")]
    [InlineData("V\\U00110000\n.", 0, "UNICODE", "beyond Unicode")]
    [InlineData("cos", 0, "GLOBAL", "without an end")]
    [InlineData("K\u0001K\u0002\u0093.", 4, "STACK_GLOBAL", "texts")]
    [InlineData("K\u0001)R.", 3, "REDUCE", "not named")]
    [InlineData("cos\nsystem\nK\u0001R.", 13, "REDUCE", "no tuple")]
    [InlineData("c_codecs\nencode\nV\\u0100\nVlatin1\n\u0086R.", 33, "REDUCE", "Latin-1")]
    [InlineData("(o.", 1, "OBJ", "without naming")]
    [InlineData("]Nb.", 2, "BUILD", "state")]
    [InlineData("Px\n.", 0, "PERSID", "outside the pickle")]
    [InlineData("\u0082\u0001.", 0, "EXT1", "registry")]
    [InlineData("\u0097.", 0, "NEXT_BUFFER", "buffer")]
    [InlineData("]\u00ff.", 1, "255", "no pickle instruction")]
    public void A_broken_pickle_is_refused_at_the_byte_and_the_instruction(string pickle, int offset, string opcode, string reason = "")
    {
        SeverityException error = Assert.Throws<SeverityException>(() => Read(Encoding.Latin1.GetBytes(pickle)));

        Assert.Equal(SeverityError.CheckpointInvalid, error.Code);
        Assert.StartsWith($"test: at byte {offset} ({opcode}): ", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(PickleLimits.MaxStackDepth))]
    [InlineData(nameof(PickleLimits.MaxMemoEntries))]
    [InlineData(nameof(PickleLimits.MaxStringBytes))]
    [InlineData(nameof(PickleLimits.MaxBytesLength))]
    [InlineData(nameof(PickleLimits.MaxObjects))]
    [InlineData(nameof(PickleLimits.MaxNesting))]
    [InlineData(nameof(PickleLimits.MaxMemoryBytes))]
    public void Each_limit_refuses_what_is_just_beyond_it_and_names_itself(string limit)
    {
        PickleLimits with = limit switch
        {
            nameof(PickleLimits.MaxStackDepth) => new() { MaxStackDepth = 20 },
            nameof(PickleLimits.MaxMemoEntries) => new() { MaxMemoEntries = 20 },
            nameof(PickleLimits.MaxStringBytes) => new() { MaxStringBytes = 20 },
            nameof(PickleLimits.MaxBytesLength) => new() { MaxBytesLength = 20 },
            nameof(PickleLimits.MaxObjects) => new() { MaxObjects = 20 },
            nameof(PickleLimits.MaxNesting) => new() { MaxNesting = 20 },
            _ => new() { MaxMemoryBytes = 4000 },
        };
        byte[] Sized(int n) => (limit switch
        {
            nameof(PickleLimits.MaxMemoEntries) => new PickleWriter().Op('N').Repeat(n, 0x94),
            nameof(PickleLimits.MaxStringBytes) => new PickleWriter().Text(new string('x', n)),
            nameof(PickleLimits.MaxBytesLength) => new PickleWriter().Bytes(new byte[n]),
            nameof(PickleLimits.MaxNesting) => new PickleWriter().Op(')').Repeat(n - 1, 0x85),
            nameof(PickleLimits.MaxMemoryBytes) => new PickleWriter().Repeat(n, (byte)'}'),
            _ => new PickleWriter().Repeat(n, (byte)'N'),
        }).Op('.').ToArray();

        Read(Sized(limit == nameof(PickleLimits.MaxMemoryBytes) ? 10 : 20), with);
        SeverityException error = Assert.Throws<SeverityException>(() => Read(Sized(21), with));

        Assert.Equal(SeverityError.CheckpointInvalid, error.Code);
        Assert.EndsWith(ReadContext.BeyondLimit, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_limit_on_nesting_that_a_threads_stack_may_not_hold_is_refused()
    {
        SeverityException error = Assert.Throws<SeverityException>(() => new PickleLimits { MaxNesting = 5000 });
        Assert.Equal(SeverityError.InvalidArgument, error.Code);
    }

    [Fact]
    public void What_a_message_quotes_from_the_file_is_short_and_without_control_characters()
    {
        byte[] pickle = new PickleWriter().Raw("I\u001b[31m" + new string('x', 5000) + "\n").ToArray();

        SeverityException error = Assert.Throws<SeverityException>(() => Read(pickle));

        Assert.DoesNotContain('\u001b', error.Message);
        Assert.InRange(error.Message.Length, 1, 400);
    }

    static object? Read(byte[] pickle, PickleLimits? limits = null) =>
        new PickleReader(pickle, 0, new ReadContext("test", limits ?? PickleLimits.Default)).Read();

    static string Render(object? value) => value switch
    {
        null => "None",
        BigInteger big when big >= long.MinValue && big <= long.MaxValue => $"big {big}",
        bool or long or BigInteger => string.Create(CultureInfo.InvariantCulture, $"{value}"),
        // Python's and .NET's own NaN differ in the sign.
        double.NaN => "7ff8000000000000",
        double number => BitConverter.DoubleToUInt64Bits(number).ToString("x16", CultureInfo.InvariantCulture),
        string text => Quote(text),
        PickleBytes bytes => "bytes " + Convert.ToHexStringLower(bytes.Bytes.Span),
        PickleTuple tuple => $"({string.Join(", ", tuple.Items.ToArray().Select(Render))})",
        PickleList { IsSet: true } set => "set " + string.Join(' ', set.Items.ToArray().Select(Render).Order(StringComparer.Ordinal)),
        PickleList list => $"[{string.Join(", ", list.Items.ToArray().Select(Render))}]",
        PickleDict dict =>
        $"{{{string.Join(", ", dict.Entries.ToArray().Select(entry => $"{Render(entry.Key)}: {Render(entry.Value)}"))}}}",
        PickleGlobal global => $"<{global.FullName}>",
        PickleObject made => made.Class.FullName + Render(made.Args) + (made.State is null ? "" : Render(made.State)),
        _ => throw new InvalidOperationException($"no rendering of {value}"),
    };

    static string Quote(string text)
    {
        StringBuilder quoted = new("\"");
        foreach (char c in text)
        {
            quoted.Append(c switch
            {
                '"' => "\\\"",
                '\\' => @"\\",
                '\n' => "\\n",
                < ' ' or > '~' => $"\\u{(int)c:x4}",
                _ => c.ToString(),
            });
        }
        return quoted.Append('"').ToString();
    }
}
