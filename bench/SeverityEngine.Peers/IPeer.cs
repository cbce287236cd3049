namespace SeverityEngine.Peers;

/// <summary>Something that runs a network on a batch of random input, over and over.</summary>
interface IPeer : IDisposable
{
    string Name { get; }

    /// <summary>Runs it once.</summary>
    /// <returns>Milliseconds.</returns>
    double Run();
}
