using System.Text;
using Spillway.Access;
using Spillway.Events;

namespace Spillway.Mercure;

/// <summary>What a token allows for one purpose, publishing or subscribing: every topic, exact ones, and matchers. Immutable.</summary>
internal sealed class MercureGrants
{
    private readonly MercureGrant[] _grants; // In the token's order: the first that is for a subscription says its payload.
    private readonly string? _payload; // Of every subscription.
    private string? _texts;

    /// <param name="grants">The grants, in the token's order.</param>
    /// <param name="payload">What every subscription carries, in JSON, whichever grant it is under; null: what its grant says.</param>
    public MercureGrants(IReadOnlyList<MercureGrant> grants, string? payload = null)
    {
        (_grants, _payload) = ([.. grants], payload);
        AllowsAll = grants.Any(static grant => grant.AllowsAll);
        Topics = [.. grants.SelectMany(static grant => grant.Topics).DistinctBy(Encoding.UTF8.GetString, StringComparer.Ordinal)];
        Patterns = [.. grants.SelectMany(static grant => grant.Patterns).DistinctBy(static pattern => pattern.Name, StringComparer.Ordinal)];
        Matchers = [.. Topics.Select(static topic => new ExactTopic(topic)), .. Patterns];
    }

    /// <summary>Allows nothing.</summary>
    public static MercureGrants None { get; } = new([]);

    /// <summary>Whether it allows every topic.</summary>
    public bool AllowsAll { get; }

    public bool IsEmpty => !AllowsAll && Topics.Count == 0 && Patterns.Count == 0;

    /// <summary>The exact topics of all grants, in UTF-8, each once.</summary>
    public IReadOnlyList<byte[]> Topics { get; }

    /// <summary>The patterns and templates of all grants, each once.</summary>
    public IReadOnlyList<TopicMatcher> Patterns { get; }

    /// <summary>All of them as matchers, exact topics first: what <see cref="VisibleSelectors"/> takes. Where <see cref="AllowsAll"/> is true there may be none.</summary>
    public IReadOnlyList<TopicMatcher> Matchers { get; }

    /// <summary>All of it as one text, whatever the token's order. Made once: tokens are remembered, and those who publish with them without a subject are told apart by it.</summary>
    public string Texts => _texts ??= AllowsAll ? "*" : string.Join('\n', Matchers.Select(static matcher => matcher.Name).Order(StringComparer.Ordinal));

    /// <summary>What the hub's own grants allow, for those to whom the host gives such.</summary>
    public static MercureGrants Of(GrantSet own) => own.IsEmpty ? None : new([new MercureGrant(own.AllowsAll, own.Topics, own.Patterns, null)]);

    /// <summary>Whether a topic is granted.</summary>
    public bool Allows(ReadOnlySpan<byte> topic)
    {
        if (AllowsAll)
        {
            return true;
        }

        foreach (var grant in _grants)
        {
            if (grant.Allows(topic))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether an event may be seen: it is public, or one of its topics is granted.</summary>
    public bool AllowsSeeing(in EventRecord record)
    {
        if ((record.Flags & EventFlags.Private) == 0 || Allows(record.Topic))
        {
            return true;
        }

        foreach (var alternate in record.Alternates)
        {
            if (Allows(alternate))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What a subscription to an exact topic carries, in JSON: of the first grant that is for it, which may carry nothing.</summary>
    public string? PayloadFor(ReadOnlySpan<byte> topic)
    {
        if (_payload is not null)
        {
            return _payload;
        }

        foreach (var grant in _grants)
        {
            if (grant.Allows(topic))
            {
                return grant.Payload;
            }
        }

        return null;
    }

    /// <summary>The same for what is asked for, as it was written: the text of a pattern is looked at as if it were a topic.</summary>
    public string? PayloadFor(string asked) => PayloadFor(Encoding.UTF8.GetBytes(asked));
}
