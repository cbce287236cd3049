using SeverityEngine.Batch.Pipeline;

namespace SeverityEngine.Batch.Tests.Pipeline;

public class MemoryBudgetTests
{
    static readonly TimeSpan s_soon = TimeSpan.FromSeconds(30);

    [Fact]
    public void Threads_never_hold_more_than_there_is_unless_one_alone_needs_it()
    {
        const long Budget = 1000;
        MemoryBudget budget = new(Budget);
        long held = 0, most = 0, alone = 0;
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, worker =>
        {
            Random random = new(worker);
            MemoryShare share = new();
            for (int i = 0; i < 500; i++)
            {
                long amount = random.Next(10) == 0 ? 2 * Budget : random.Next(1, 400);
                budget.Take(share, amount, CancellationToken.None);
                long now = Interlocked.Add(ref held, amount);
                if (amount > Budget)
                    alone += now == amount ? 1 : throw new InvalidOperationException($"{now - amount} were held beside a large one");
                else
                    InterlockedMax(ref most, now);
                Thread.Yield();
                Interlocked.Add(ref held, -amount);
                budget.Give(share, amount);
                Assert.Equal(0, share.Held);
            }
        });
        Assert.InRange(most, 1, Budget);
        Assert.True(alone > 0);

        static void InterlockedMax(ref long target, long value)
        {
            for (long seen = Volatile.Read(ref target); value > seen; seen = Volatile.Read(ref target))
                Interlocked.CompareExchange(ref target, value, seen);
        }
    }

    [Fact]
    public void Threads_that_hold_memory_and_want_more_do_not_wait_for_each_other_for_ever()
    {
        MemoryBudget budget = new(100);
        using Barrier both = new(2);
        Thread[] threads = [.. Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            MemoryShare share = new();
            budget.Take(share, 40, CancellationToken.None);
            both.SignalAndWait();
            budget.Take(share, 90, CancellationToken.None);
            budget.Give(share, 130);
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        Assert.All(threads, thread => Assert.True(thread.Join(s_soon)));
    }

    [Fact]
    public void A_stop_ends_the_waiting()
    {
        MemoryBudget budget = new(100);
        budget.Take(new MemoryShare(), 80, CancellationToken.None);
        using CancellationTokenSource stop = new();
        MemoryShare waiting = new();
        Exception? end = null;
        Thread thread = new(() => end = Record.Exception(() => budget.Take(waiting, 30, stop.Token)));
        thread.Start();
        Assert.False(thread.Join(50));
        stop.Cancel();
        Assert.True(thread.Join(s_soon));
        Assert.IsType<OperationCanceledException>(end);
        Assert.Equal(0, waiting.Held);
    }
}
