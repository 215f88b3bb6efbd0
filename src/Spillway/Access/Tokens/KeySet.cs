namespace Spillway.Access.Tokens;

/// <summary>The keys of one issuer at one time. Immutable: other keys are another set, and what was verified with this one is verified anew.</summary>
internal sealed class KeySet(IReadOnlyList<VerificationKey> keys)
{
    /// <summary>No key.</summary>
    public static KeySet Empty { get; } = new([]);

    public IReadOnlyList<VerificationKey> Keys => keys;

    /// <summary>Whether a key has a name.</summary>
    public bool HasKey(string id) => keys.Any(key => string.Equals(key.Id, id, StringComparison.Ordinal));

    /// <summary>
    /// The keys that may have signed a token, at most so many. Those of its <c>kid</c>; where it names none, or one that no key has, those without a name; where it names none, all.
    /// </summary>
    public IReadOnlyList<VerificationKey> Find(SignatureAlgorithm algorithm, string? id, int most)
    {
        var fitting = keys.Where(key => key.Fits(algorithm));
        if (id is null)
        {
            return [.. fitting.Take(most)];
        }

        var named = fitting.Where(key => string.Equals(key.Id, id, StringComparison.Ordinal)).Take(most).ToList();
        return named.Count > 0 ? named : [.. fitting.Where(static key => key.Id is null).Take(most)];
    }
}
