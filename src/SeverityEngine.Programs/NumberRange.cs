using System.CommandLine;
using System.Globalization;

namespace SeverityEngine.Programs;

/// <summary>Options whose numbers have to lie in a range.</summary>
static class NumberRange
{
    /// <summary>Refuses a number outside a range; what is no number has its own error.</summary>
    /// <param name="option">The option.</param>
    /// <param name="least">The lowest.</param>
    /// <param name="most">The highest; infinity for none.</param>
    public static void Require(Option option, double least, double most = double.PositiveInfinity) => option.Validators.Add(found =>
    {
        if (found.Tokens is not [{ Value: string text }] || !double.TryParse(text, CultureInfo.InvariantCulture, out double number)
            || (number >= least && number <= most))
            return;
        found.AddError(string.Create(CultureInfo.InvariantCulture,
            $"{option.Name} {text}: give a number {(double.IsInfinity(most) ? $"of {least} or more" : $"from {least} to {most}")}."));
    });
}
