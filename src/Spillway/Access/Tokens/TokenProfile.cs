namespace Spillway.Access.Tokens;

/// <summary>What an issuer's tokens have to be beside well signed and in time. Protocols differ in it; the signature is judged alike for all.</summary>
internal sealed record TokenProfile
{
    /// <summary>Of the hub's own tokens. RFC 7519, 5.1, and RFC 9068, 2.1: other types are other things that are signed with the same keys (RFC 8725, 3.11).</summary>
    public static TokenProfile Native { get; } = new() { Types = ["JWT", "at+jwt"] };

    /// <summary>What <c>typ</c> may be, without <c>application/</c> and in any case; null: anything.</summary>
    public IReadOnlyList<string>? Types { get; init; }

    /// <summary>Whether <c>typ</c> has to be there.</summary>
    public bool NeedsType { get; init; }

    /// <summary>Whether <c>exp</c> has to be there.</summary>
    public bool NeedsExpiry { get; init; }

    /// <summary>Whether what a token allows ends at <c>exp</c>, and not later by the skew.</summary>
    public bool EndsOnTime { get; init; }

    /// <summary>Whether <c>iss</c> may name anybody who is not an issuer by name; only the one without a name may say so.</summary>
    public bool TakesAnyIssuer { get; init; }

    /// <summary>Whether <c>aud</c> says nothing here.</summary>
    public bool TakesAnyAudience { get; init; }

    /// <summary>Why a <c>typ</c> is not taken, as a sentence; null where it is.</summary>
    public string? FindFaultOfType(string? type)
    {
        if (Types is null || (type is null ? !NeedsType : Types.Contains(Bare(type), StringComparer.OrdinalIgnoreCase)))
        {
            return null;
        }

        var wanted = string.Join(", ", Types) + (NeedsType ? "" : " or none");
        return type is null ? $"The token has no typ; an access token has {wanted} here."
            : $"The token's typ is \"{ShownText.Of(type)}\", so it was made for something else; an access token has {wanted}.";
    }

    // A media type without its "application/" (RFC 7515, 4.1.9).
    private static string Bare(string type)
    {
        const string Prefix = "application/";
        return type.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? type[Prefix.Length..] : type;
    }
}
