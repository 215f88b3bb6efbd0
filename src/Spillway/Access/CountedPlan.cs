namespace Spillway.Access;

/// <summary>
/// What requests are judged by, as options said it at one time. It does not change: another takes its place as a whole. What it holds open goes when the last request has left that it judges.
/// </summary>
internal abstract class CountedPlan : IAsyncDisposable
{
    private readonly Lock _ending = new();
    private Task? _disposal;
    private int _uses = 1; // The owner's.

    /// <summary>Of everything in it: a plan with the same is the same.</summary>
    public required string Digest { get; init; }

    /// <summary>Whether nothing of it is open any more.</summary>
    public bool IsGone => Volatile.Read(ref _disposal)?.IsCompleted == true;

    /// <summary>Begins to judge by it; false where it has gone meanwhile, and another is there.</summary>
    public bool TryEnter()
    {
        var uses = Volatile.Read(ref _uses);
        while (uses > 0)
        {
            var found = Interlocked.CompareExchange(ref _uses, uses + 1, uses);
            if (found == uses)
            {
                return true;
            }

            uses = found;
        }

        return false;
    }

    /// <summary>Ends what <see cref="TryEnter"/> began; and once for the owner.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _uses) == 0)
        {
            _ = EndAsync(); // The owner waits for it when it goes.
        }
    }

    /// <summary>Does not wait for anybody.</summary>
    public ValueTask DisposeAsync() => new(EndAsync());

    /// <summary>Lets go what is open. Called once.</summary>
    protected abstract Task DisposeAllAsync();

    private Task EndAsync()
    {
        lock (_ending)
        {
            return _disposal ??= DisposeAllAsync();
        }
    }
}
