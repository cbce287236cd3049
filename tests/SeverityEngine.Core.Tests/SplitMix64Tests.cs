namespace SeverityEngine.Core.Tests;

public class SplitMix64Tests
{
    [Fact]
    public void Numbers_are_those_of_the_reference_implementation()
    {
        // Vigna's splitmix64.c with state 1234567.
        SplitMix64 random = new(1234567);
        ulong[] expected = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821];
        Assert.All(expected, e => Assert.Equal(e, random.Next()));
    }
}
