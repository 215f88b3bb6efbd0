namespace Spillway.EndToEnd.Tests.Durability;

/// <summary>The ids of the events that a subscriber got, in order; somebody may wait for some.</summary>
internal sealed class Received : IDisposable
{
    private readonly SemaphoreSlim _seen = new(0);
    private readonly List<string> _events = [];

    public IReadOnlyList<string> Events
    {
        get
        {
            lock (_events)
            {
                return [.. _events];
            }
        }
    }

    public void Add(string id)
    {
        lock (_events)
        {
            _events.Add(id);
        }

        _seen.Release();
    }

    /// <summary>Returns when certain events have come. For one at a time.</summary>
    public async Task SeeAsync(IReadOnlyList<string> ids)
    {
        var missing = ids.ToHashSet(StringComparer.Ordinal);
        for (var seen = 0; missing.Count > 0;)
        {
            lock (_events)
            {
                for (; seen < _events.Count; seen++)
                {
                    missing.Remove(_events[seen]);
                }
            }

            if (missing.Count > 0)
            {
                await _seen.WaitAsync();
            }
        }
    }

    public void Dispose() => _seen.Dispose();
}
