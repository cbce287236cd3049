using System.CommandLine;

namespace SeverityEngine.Programs;

/// <summary>Options that are whole numbers in a range.</summary>
static class NumberOption
{
    /// <summary>Makes one.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="description">What it does.</param>
    /// <param name="usual">Its value where none is given.</param>
    /// <param name="least">The least number that is taken.</param>
    /// <param name="most">The largest one.</param>
    public static Option<int> Create(string name, string description, int usual, int least, int most)
    {
        Option<int> option = new(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => usual };
        NumberRange.Require(option, least, most);
        return option;
    }
}
