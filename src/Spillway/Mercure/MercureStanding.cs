using System.Collections.Frozen;

namespace Spillway.Mercure;

/// <summary>By what tokens may be verified now: tickets outlive the options that they were made by. Any thread.</summary>
internal sealed class MercureStanding
{
    private volatile FrozenSet<string> _entries = FrozenSet<string>.Empty;

    public bool Has(string entry) => _entries.Contains(entry);

    public void Set(FrozenSet<string> entries) => _entries = entries;
}
