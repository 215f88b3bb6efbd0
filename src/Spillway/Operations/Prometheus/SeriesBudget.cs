namespace Spillway.Operations.Prometheus;

/// <summary>How many series may still be made. Once one was refused, all new ones are: which are missing must not depend on their size.</summary>
internal sealed class SeriesBudget(int most, Action refused)
{
    private int _left = most;
    private volatile bool _exhausted;

    public bool Exhausted => _exhausted;

    public bool TryTake(int count)
    {
        if (!_exhausted && Interlocked.Add(ref _left, -count) >= 0)
        {
            return true;
        }

        _exhausted = true;
        return false;
    }

    public void Refuse() => refused();
}
