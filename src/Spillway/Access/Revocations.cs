using System.Collections.Frozen;

namespace Spillway.Access;

/// <summary>Which credentials were taken back before their time. Any thread: what is asked for each request is one volatile read where nothing was taken back.</summary>
/// <param name="most">How many there may be; more are refused, for one that was forgotten would let somebody in again.</param>
/// <param name="file">Where they outlive the process; null: nowhere.</param>
/// <param name="clock">The clock.</param>
internal sealed class Revocations(int most, RevocationFile? file, TimeProvider clock)
{
    private readonly Lock _writing = new();
    private volatile FrozenDictionary<(RevocationKind Kind, string Name), Revocation> _known = Read(file);

    /// <summary>Whether what a credential was made of is still in the options; else it counts as taken back. Set before anybody asks; null: it is.</summary>
    public Func<AccessTicket, bool>? StillStands { get; set; }

    /// <summary>How many are known.</summary>
    public int Count => _known.Count;

    /// <summary>Whether they outlive the process.</summary>
    public bool AreKept => file is not null;

    public IEnumerable<Revocation> All => _known.Values.OrderByDescending(static one => one.At).ThenBy(static one => one.Name, StringComparer.Ordinal);

    /// <summary>Whether a credential was taken back.</summary>
    public bool Has(AccessTicket ticket)
    {
        var known = _known;
        return (known.Count > 0 && (Has(known, RevocationKind.Subject, ticket.Subject, ticket) || Has(known, RevocationKind.Token, ticket.TokenId, ticket)))
            || StillStands?.Invoke(ticket) == false;
    }

    /// <summary>Takes credentials back. What is asked from here on knows of it. False if there are too many.</summary>
    /// <exception cref="IOException">It counts, and could not be written: a restart would forget it.</exception>
    public bool TryAdd(Revocation one)
    {
        lock (_writing)
        {
            var now = clock.GetUtcNow();
            var known = _known.Values.Where(other => !other.IsOver(now) && (other.Kind, other.Name) != (one.Kind, one.Name)).Append(one).ToList();
            if (known.Count > most)
            {
                return false;
            }

            Set(known);
            return true;
        }
    }

    /// <summary>Forgets one: what it was about is good again, as far as it still is. False where there is none.</summary>
    /// <exception cref="IOException">It counts, and could not be written: a restart would bring it back.</exception>
    public bool TryRemove(RevocationKind kind, string name)
    {
        lock (_writing)
        {
            var rest = _known.Values.Where(other => (other.Kind, other.Name) != (kind, name)).ToList();
            var found = rest.Count < _known.Count;
            if (found)
            {
                Set(rest);
            }

            return found;
        }
    }

    private static FrozenDictionary<(RevocationKind, string), Revocation> Read(RevocationFile? file) => Index(file?.Read() ?? []);

    private static FrozenDictionary<(RevocationKind, string), Revocation> Index(IEnumerable<Revocation> all) => all.ToFrozenDictionary(static one => (one.Kind, one.Name));

    private void Set(List<Revocation> known)
    {
        _known = Index(known);
        file?.Write(known);
    }

    private bool Has(FrozenDictionary<(RevocationKind, string), Revocation> known, RevocationKind kind, string? name, AccessTicket ticket) =>
        name is not null && known.TryGetValue((kind, name), out var one) && !one.IsOver(clock.GetUtcNow()) && one.Means(ticket);
}
