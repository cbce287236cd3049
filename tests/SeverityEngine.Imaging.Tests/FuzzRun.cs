using System.Diagnostics;
using System.Globalization;

namespace SeverityEngine.Imaging.Tests;

/// <summary>
/// Damaged files, one after the other: each ends in a picture or in a <see cref="SeverityException"/>. SEVERITY_FUZZ_ITERATIONS sets how
/// many there are, in place of what each test takes, and SEVERITY_FUZZ_SEED where they start. Where more are asked for than a test takes by
/// itself, each must end soon too.
/// </summary>
static class FuzzRun
{
    /// <summary>How many files to damage.</summary>
    public static int Iterations(int usual) => Setting("SEVERITY_FUZZ_ITERATIONS", usual);

    /// <summary>A number of the environment.</summary>
    public static int Setting(string name, int usual) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : usual;

    /// <summary>Damages and decodes.</summary>
    /// <param name="usual">How many files, if nothing else is asked for.</param>
    /// <param name="most">What one may take in a longer run than the usual one.</param>
    /// <param name="least">The first of the codes with which one may be refused, up to <see cref="SeverityError.ImageCorrupt"/>.</param>
    /// <param name="decode">Damages the file of a number, decodes it and looks at the picture.</param>
    /// <returns>How many were read and refused, of how many.</returns>
    public static (int Read, int Refused, int Iterations) Each(int usual, TimeSpan most, SeverityError least, Action<int> decode)
    {
        int seed = Setting("SEVERITY_FUZZ_SEED", 0), iterations = Iterations(usual), read = 0, refused = 0, slowest = 0;
        TimeSpan worst = default;
        for (int i = seed; i < seed + iterations; i++)
        {
            Stopwatch watch = Stopwatch.StartNew();
            try
            {
                decode(i);
                read++;
            }
            catch (SeverityException e)
            {
                Assert.True(e.Code >= least && e.Code <= SeverityError.ImageCorrupt, $"iteration {i}: {e.Code}");
                refused++;
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"iteration {i}: {e}");
            }
            if (watch.Elapsed > worst)
                (worst, slowest) = (watch.Elapsed, i);
        }
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{iterations} files from {seed}: {read} read, {refused} refused; {slowest} took longest, {worst.TotalMilliseconds:F0} ms");
        Assert.True(iterations <= usual || worst < most, $"iteration {slowest}: {worst}");
        return (read, refused, iterations);
    }

    /// <summary>Were all refused or none, the damage would be too coarse or too fine to reach far.</summary>
    public static void AssertReachesFar((int Read, int Refused, int Iterations) run, int readPart, int refusedPart = 20) => Assert.True(
        run.Iterations < 1_000 || (run.Read > run.Iterations / readPart && run.Refused > run.Iterations / refusedPart),
        $"{run.Read} read, {run.Refused} refused");
}
