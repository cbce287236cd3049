using SeverityEngine.Quality;

namespace SeverityEngine.Tests.Quality;

public class PictureFaultTests
{
    [Fact]
    public void A_turn_to_the_left_brings_the_upper_right_corner_to_the_upper_left()
    {
        foreach (int side in (int[])[1, 2, 3, 16, 33])
        {
            float[] square = [.. Enumerable.Range(0, side * side).Select(i => (float)i)];
            float[] turned = (float[])square.Clone();
            PictureFault.TurnCounterclockwise(turned, side);
            for (int y = 0; y < side; y++)
            {
                for (int x = 0; x < side; x++)
                    Assert.Equal(square[x * side + side - 1 - y], turned[y * side + x]);
            }
        }
    }

    [Fact]
    public void Correcting_undoes_what_was_done()
    {
        const int Side = 5;
        float[] upright = [.. Enumerable.Range(0, Side * Side).Select(i => (float)(i - 7))];
        List<float[]> seen = [];
        for (int i = 0; i < PictureFault.Count; i++)
        {
            PictureFault fault = new(i % 4, i >= 4);
            Assert.Equal(i, fault.Index);
            float[] picture = [.. upright.Select(v => fault.IsInverted ? -v : v)];
            for (int turn = 0; turn < fault.Turns; turn++)
                PictureFault.TurnCounterclockwise(picture, Side);
            Assert.DoesNotContain(seen, s => s.SequenceEqual(picture));
            seen.Add((float[])picture.Clone());
            fault.Correct(picture, Side);
            Assert.Equal(upright, picture);
        }
    }

    [Fact]
    public void Each_fault_has_its_words()
    {
        Assert.Equal("turned counterclockwise by 90 degrees", new PictureFault(1, false).ToString());
        Assert.Equal("upside down", new PictureFault(2, false).ToString());
        Assert.Equal("inverted", new PictureFault(0, true).ToString());
        Assert.Equal("inverted and turned clockwise by 90 degrees", new PictureFault(3, true).ToString());
    }
}
