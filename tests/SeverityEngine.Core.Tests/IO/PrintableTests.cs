using SeverityEngine.IO;

namespace SeverityEngine.Core.Tests.IO;

public class PrintableTests
{
    [Theory]
    [InlineData("plain röntgen 胸 🫁.png", "plain röntgen 胸 🫁.png")]
    [InlineData("a\u001b[31mb", "a\\x1B[31mb")]
    [InlineData("a\nb\rc\td", "a\\nb\\rc\\td")]
    [InlineData("\0\u007f\u0085\u009b", "\\x00\\x7F\\x85\\x9B")]
    [InlineData("x\u202Egpj.exe\u2069", "x\\u202Egpj.exe\\u2069")]
    [InlineData("a\u00A0b", "a\u00A0b")]
    public void Orders_to_the_terminal_are_spelled_out_and_text_stays(string text, string printed) =>
        Assert.Equal(printed, Printable.Text(text));
}
