using System.Collections.Frozen;

namespace Spillway.Mercure;

/// <summary>By what tokens may be verified now: tickets outlive the options that they were made by. Any thread.</summary>
internal sealed class MercureStanding
{
    private volatile FrozenSet<string> _entries = FrozenSet<string>.Empty;

    public bool Has(string entry) => _entries.Contains(entry);

    public void Set(FrozenSet<string> entries) => _entries = entries;

    /// <summary>Has others stand from when what judges by them takes its place. While it does, those before stand, too: a token may be judged by either, and none is then to be told that it was taken back.</summary>
    /// <param name="entries">The others.</param>
    /// <param name="takePlace">Has it take its place.</param>
    public void Replace(FrozenSet<string> entries, Action takePlace)
    {
        _entries = _entries.Union(entries).ToFrozenSet(StringComparer.Ordinal);
        takePlace();
        _entries = entries;
    }
}
