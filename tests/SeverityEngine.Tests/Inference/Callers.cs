namespace SeverityEngine.Tests.Inference;

/// <summary>Threads that use one predictor until it refuses them.</summary>
static class Callers
{
    /// <summary>Disposes of a predictor in the midst of calls: those that run go to their end, and later ones are refused.</summary>
    public static void AssertEndWhenDisposed(SeverityPredictor predictor, int count, Action call)
    {
        int made = 0;
        Thread[] callers = [.. Enumerable.Range(0, count).Select(_ => new Thread(() =>
        {
            try
            {
                while (true)
                {
                    call();
                    Interlocked.Increment(ref made);
                }
            }
            catch (SeverityException e) when (e.Code == SeverityError.Disposed)
            {
                // How it ends for a caller who comes late.
            }
        }))];
        foreach (Thread caller in callers)
            caller.Start();
        SpinWait.SpinUntil(() => Volatile.Read(ref made) > 3);
        predictor.Dispose();
        foreach (Thread caller in callers)
            Assert.True(caller.Join(TimeSpan.FromSeconds(30)));
    }
}
