using System.Runtime.InteropServices;
using SeverityEngine.Native.Abi;
using SeverityEngine.Native.Handles;

namespace SeverityEngine.Native.Tests;

/// <summary>The exports as managed code, called as C calls them: what they allocate, and how structures of other versions fare.</summary>
public sealed unsafe class MarshallingTests
{
    [StructLayout(LayoutKind.Sequential)]
    struct Grown : ISizedStruct
    {
        public uint Size;
        public int First;
        public long Second;

        public static string Name => "grown";

        public static uint FirstSize => 8;
    }

    [Fact]
    public void Scoring_explaining_and_analyzing_pixels_allocate_nothing_managed()
    {
        delegate* unmanaged<void*, nuint, NativeOptions*, nint*, int> create = &Exports.CreateFromMemory;
        delegate* unmanaged<nint, NativePixels*, NativeResult*, int> predict = &Exports.PredictPixels;
        delegate* unmanaged<nint, NativePixels*, NativeMap*, NativeResult*, int> explain = &Exports.ExplainPixels;
        delegate* unmanaged<nint, NativePixels*, NativeOutputs*, NativeResult*, int> analyze = &Exports.AnalyzePixels;
        delegate* unmanaged<nint, int> destroy = &Exports.Destroy;

        byte[] model = MeanModel.CreateWithFindings();
        nint* engine = stackalloc nint[1];
        NativeOptions options = new() { Size = (uint)sizeof(NativeOptions), Threads = 1, MaxConcurrency = 1 };
        fixed (byte* bytes = model)
            Assert.Equal(0, create(bytes, (nuint)model.Length, &options, engine));
        const int Side = 2 * MeanModel.Side;
        byte* data = stackalloc byte[Side * Side];
        float* values = stackalloc float[MeanModel.Side * MeanModel.Side];
        NativePixels pixels = new() { Size = (uint)sizeof(NativePixels), Data = data, Width = Side, Height = Side };
        NativeMap map = new() { Size = (uint)sizeof(NativeMap), Values = values, Count = MeanModel.Side * MeanModel.Side };
        double* findings = stackalloc double[3];
        float* input = stackalloc float[MeanModel.Side * MeanModel.Side];
        NativeOutputs outputs = new()
        {
            Size = (uint)sizeof(NativeOutputs),
            FindingsAt = findings,
            FindingCount = 3,
            InputAt = input,
            InputCount = MeanModel.Side * MeanModel.Side,
        };
        NativeResult result = new() { Size = (uint)sizeof(NativeResult) };

        int Call(int times)
        {
            int statuses = 0;
            for (int i = 0; i < times; i++)
            {
                NativePixels given = pixels;
                NativeMap wanted = map;
                NativeOutputs all = outputs;
                NativeResult got = result;
                statuses |= predict(*engine, &given, &got) | explain(*engine, &given, &wanted, &got)
                    | analyze(*engine, &given, &all, &got);
            }
            return statuses;
        }
        Assert.Equal(0, Call(200));
        long before = GC.GetAllocatedBytesForCurrentThread();
        int failed = Call(1000);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal((0, 0L), (failed, allocated));
        Assert.Equal(0, destroy(*engine));
    }

    [Fact]
    public void A_caller_of_an_earlier_version_gives_and_gets_the_fields_that_it_knows()
    {
        Grown* memory = stackalloc Grown[1];
        *memory = new Grown { Size = 8, First = 7, Second = 99 };
        Grown read = SizedStruct.Read(memory);
        Assert.Equal((7, 0L), (read.First, read.Second));
        SizedStruct.Write(memory, new Grown { First = 8, Second = 100 });
        Assert.Equal((8u, 8, 99L), (memory->Size, memory->First, memory->Second));
    }

    [Fact]
    public void A_caller_of_a_later_version_may_not_ask_for_what_is_unknown_and_gets_zeros_for_it()
    {
        byte* memory = stackalloc byte[32];
        new Span<byte>(memory, 32).Clear();
        Grown* grown = (Grown*)memory;
        *grown = new Grown { Size = 24, First = 7, Second = 8 };
        Assert.Equal((7, 8L), (SizedStruct.Read(grown).First, SizedStruct.Read(grown).Second));
        memory[23] = 1;
        SeverityException error = Assert.Throws<SeverityException>(() => SizedStruct.Read((Grown*)memory));
        Assert.Equal(SeverityError.InvalidArgument, error.Code);
        memory[24] = 5;
        SizedStruct.Write(grown, new Grown { First = 1, Second = 2 });
        Assert.Equal((24u, 1, 2L), (grown->Size, grown->First, grown->Second));
        Assert.Equal((0, 5), (memory[23], memory[24]));
    }

    [Fact]
    public void Whatever_is_thrown_becomes_a_status_and_a_text()
    {
        Assert.Equal(52, ErrorText.Fail(new InsufficientMemoryException()));
        Assert.Equal(23, ErrorText.Fail(new SeverityException(SeverityError.ImageTruncated, "röntgen.png: cut off")));
        Assert.Equal("röntgen.png: cut off", Marshal.PtrToStringUTF8((nint)ErrorText.Current));
        Assert.Equal(99, ErrorText.Fail(new InvalidOperationException("a fault of ours")));
        Assert.Contains("a fault of ours", Marshal.PtrToStringUTF8((nint)ErrorText.Current));
        Assert.Equal(0, ErrorText.Succeed());
        Assert.Equal("", Marshal.PtrToStringUTF8((nint)ErrorText.Current));
    }

    [Fact]
    public void Each_thread_has_its_own_text()
    {
        ErrorText.Fail("mine");
        string? other = null;
        Thread thread = new(() => other = Marshal.PtrToStringUTF8((nint)ErrorText.Current));
        thread.Start();
        thread.Join();
        Assert.Equal("", other);
        Assert.Equal("mine", Marshal.PtrToStringUTF8((nint)ErrorText.Current));
        ErrorText.Succeed();
    }
}
