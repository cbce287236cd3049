using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using SeverityEngine.Native.Abi;
using SeverityEngine.Tests;

namespace SeverityEngine.Native.Tests;

/// <summary>What programs that were compiled yesterday rely on.</summary>
public sealed class AbiTests
{
    static string Snapshots => Path.Combine(TestData.RepositoryRoot, "tests", "fixtures", "abi");

    /// <summary>
    /// After a change that was meant: raise SEVERITY_ABI_VERSION in the header and AbiVersion in Exports.cs, and keep what the failing test
    /// prints as severity-abi-N.txt. Old snapshots stay.
    /// </summary>
    [Fact]
    public void The_abi_is_the_one_that_was_written_down_for_its_version()
    {
        string path = Path.Combine(Snapshots, $"severity-abi-{Header.AbiVersion}.txt");
        string[] written = File.Exists(path) ? File.ReadAllLines(path) : [];
        string[] actual = [.. Abi()];
        Assert.True(written.SequenceEqual(actual), $"the ABI is not that of {path}, but:\n{string.Join('\n', actual)}");
    }

    [Fact]
    public void Nothing_of_an_earlier_abi_has_changed()
    {
        string[] actual = [.. Abi()];
        Assert.True(Header.AbiVersion >= 1);
        for (int version = 1; version < Header.AbiVersion; version++)
        {
            // The version goes up and structures may grow; everything else stays where it was.
            IEnumerable<string> kept = File.ReadLines(Path.Combine(Snapshots, $"severity-abi-{version}.txt"))
                .Where(l => !l.StartsWith("size ", StringComparison.Ordinal) && !l.StartsWith("abi ", StringComparison.Ordinal));
            Assert.Empty(kept.Except(actual));
        }
    }

    [Fact]
    public void The_library_exports_the_headers_functions_and_nothing_else()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "nm reads the dynamic symbols of Linux");
        CommandResult result = Command.Run("nm", ["-D", "--defined-only", "--without-symbol-versions", CProgram.Library]);
        Assert.Equal("", result.Error);
        // The version's own name stands among the symbols, as an absolute one.
        IEnumerable<string> exported = result.Lines.Where(l => l.Split(' ')[1] != "A").Select(l => l.Split(' ')[2]);
        Assert.NotEmpty(Header.Functions);
        Assert.Equal(Header.Functions.Order(StringComparer.Ordinal), exported.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_library_bears_its_name_needs_the_c_library_alone_and_stays_when_closed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "readelf reads the libraries of Linux");
        CommandResult result = Command.Run("readelf", ["-dW", CProgram.Library]);
        Assert.Contains("Library soname: [libseverity.so]", result.Output);
        Assert.Contains("NODELETE", result.Output);
        Assert.All(result.Lines.Where(l => l.Contains("(NEEDED)")),
            l => Assert.Matches(@"\[(libc|libm|libdl|libpthread|ld-linux[-\w]*)\.so\.\d\]", l));
    }

    [Fact]
    public void The_codes_are_those_of_the_one_table_of_errors()
    {
        IEnumerable<string> table = Enum.GetValues<SeverityError>().Select(e =>
            $"constant SEVERITY_{(e == SeverityError.None ? "OK" : "ERROR_" + e.Name().ToUpperInvariant())} {(int)e}");
        Assert.Equal(table, Layout().Where(l => l.StartsWith("constant SEVERITY_OK ", StringComparison.Ordinal)
            || l.StartsWith("constant SEVERITY_ERROR_", StringComparison.Ordinal)));
    }

    [Fact]
    public void Pixel_formats_targets_and_methods_have_the_engines_numbers()
    {
        Assert.Equal(Enum.GetValues<PixelFormat>().Select(f => $"constant SEVERITY_PIXELS_{f.ToString().ToUpperInvariant()} {(int)f}"),
            Layout().Where(l => l.StartsWith("constant SEVERITY_PIXELS_", StringComparison.Ordinal)));
        Assert.Equal(Enum.GetValues<DicomVoi>().Select(v => $"constant SEVERITY_DICOM_VOI_{v.ToString().ToUpperInvariant()} {(int)v}"),
            Layout().Where(l => l.StartsWith("constant SEVERITY_DICOM_VOI_", StringComparison.Ordinal)));
        string[] constants = [.. Layout()];
        Assert.Contains($"constant SEVERITY_TARGET_GEOGRAPHIC_EXTENT {(int)SaliencyTarget.GeographicExtent}", constants);
        Assert.Contains($"constant SEVERITY_TARGET_OPACITY {(int)SaliencyTarget.Opacity}", constants);
        Assert.Contains($"constant SEVERITY_METHOD_GRADIENT {(int)SaliencyMethod.Gradient}", constants);
        Assert.Contains($"constant SEVERITY_METHOD_CLASS_ACTIVATION {(int)SaliencyMethod.ClassActivation}", constants);
    }

    [Fact]
    public void Structures_have_the_same_fields_at_the_same_places_on_both_sides()
    {
        string[] layout = [.. Layout()];
        Type[] types = [typeof(NativeOptions), typeof(NativePixels), typeof(NativeResult), typeof(NativeMap), typeof(NativeModelInfo),
            typeof(NativeLibraryInfo), typeof(NativeOutputs), typeof(NativeImage), typeof(NativeDicomResults)];
        Assert.Equal(Header.Structs.Count, types.Length);
        foreach (Type type in types)
        {
            string name = (string)type.GetProperty(nameof(ISizedStruct.Name))!.GetValue(null)!;
            Assert.Contains($"size {name} {Marshal.SizeOf(type)}", layout);
            IEnumerable<int> inC = layout.Where(l => l.StartsWith($"field {name}.", StringComparison.Ordinal)).Select(
                l => int.Parse(l.Split(' ')[3], CultureInfo.InvariantCulture));
            IEnumerable<int> here = type.GetFields(BindingFlags.Instance | BindingFlags.Public)
                .Select(f => (int)Marshal.OffsetOf(type, f.Name)).Order();
            Assert.Equal(inC, here);
        }
    }

    [Theory]
    [InlineData("gcc", "c", "-std=c99", "severity.h")]
    [InlineData("gcc", "c", "-std=c11", "severity.h")]
    [InlineData("g++", "c++", "-std=c++11", "severity.h")]
    [InlineData("g++", "c++", "-std=c++17", "severity.hpp")]
    [InlineData("g++", "c++", "-std=c++20", "severity.hpp")]
    public void The_headers_compile_by_themselves_without_a_warning(string compiler, string language, string standard, string header)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the headers are compiled with gcc");
        CommandResult result =
            Command.Run(compiler, ["-x", language, standard, "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror", "-pedantic",
            "-fsyntax-only", Path.Combine(CProgram.Include, header)]);
        Assert.Equal("", result.Error);
        Assert.Equal(0, result.ExitCode);
    }

    static IEnumerable<string> Abi() =>
        [$"abi {Header.AbiVersion}", .. Layout(), .. Header.Callbacks.Select(c => $"callback {c}"),
        .. Header.Signatures.Select(s => $"function {s}")];

    static string[] Layout()
    {
        using TemporaryFolder folder = new();
        string source = folder["layout.c"];
        File.WriteAllText(source, Header.LayoutProgram());
        using CProgram program = new(source);
        return program.Run().Lines;
    }
}
