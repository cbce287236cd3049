namespace SeverityEngine.Tests;

/// <summary>
/// Tests that change what the whole process sees, such as environment variables, or that others disturb through what it shares, such as the
/// cache of resample weights: no other test runs beside them.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RunAlone
{
    public const string Name = "alone";
}
