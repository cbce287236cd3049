// Scores chest X-rays with libseverity through P/Invoke. .NET programs that need no separate library reference the package SeverityEngine
// instead. Research only, not for medical use.
using System.Globalization;

using Severity severity = new();
int failed = 0;
foreach (string path in args)
{
    try
    {
        (double extent, double opacity) = severity.Predict(path);
        Console.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{path}: geographic extent {extent:G17} of 8, opacity {opacity:G17} of 6"));
    }
    catch (SeverityFault fault)
    {
        Console.Error.WriteLine($"score: {fault.Message} ({fault.Name})");
        failed = 1;
    }
}
return failed;
