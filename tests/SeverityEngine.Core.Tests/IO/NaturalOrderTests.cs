using SeverityEngine.IO;

namespace SeverityEngine.Core.Tests.IO;

public class NaturalOrderTests
{
    [Theory]
    [InlineData("image1", "image2", "image10")]
    [InlineData("a9b10", "a10b9", "a10b10")]
    [InlineData("a", "A1", "a2")]
    [InlineData("", "0", "00", "1", "01x")]
    [InlineData("x99999999999999999999", "x100000000000000000000")]
    [InlineData("scan-2.png", "scan-11.png", "scan.png")]
    public void Names_stand_as_people_count(params string[] ordered)
    {
        string[] shuffled = [.. ordered];
        for (int seed = 0; seed < 20; seed++)
        {
            new Random(seed).Shuffle(shuffled);
            Array.Sort(shuffled, NaturalOrder.Instance);
            Assert.Equal(ordered, shuffled);
        }
    }

    [Fact]
    public void Order_is_total_and_only_equal_names_are_equal()
    {
        Random random = new(1);
        string[] names = [.. Enumerable.Range(0, 60)
            .Select(_ => new string([.. Enumerable.Range(0, random.Next(5)).Select(_ => "aA0129-"[random.Next(7)])])).Distinct()];
        foreach (string a in names)
        {
            foreach (string b in names)
            {
                int order = NaturalOrder.Instance.Compare(a, b);
                Assert.Equal(Math.Sign(order), -Math.Sign(NaturalOrder.Instance.Compare(b, a)));
                Assert.Equal(a == b, order == 0);
                foreach (string c in names)
                {
                    if (order < 0 && NaturalOrder.Instance.Compare(b, c) < 0)
                        Assert.True(NaturalOrder.Instance.Compare(a, c) < 0, $"{a} < {b} < {c}");
                }
            }
        }
    }
}
