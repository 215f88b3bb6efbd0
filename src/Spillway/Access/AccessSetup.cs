using System.Buffers;
using System.Security.Cryptography;
using Spillway.Access.Tokens;

namespace Spillway.Access;

/// <summary>Reads what options grant, and says everything that is wrong with them.</summary>
internal static class AccessSetup
{
    private const string Section = $"{SpillwayOptions.Section}:Access";

    // RFC 6265, section 4.1.1: a token of HTTP.
    private static readonly SearchValues<char> CookieCharacters = SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    /// <summary>Every fault, each with key and remedy, and none with a secret.</summary>
    public static IReadOnlyList<string> FindFaults(AccessOptions options)
    {
        var faults = new List<string>(TokenSetup.FindFaults(options));
        ReadKeys(options, faults);
        var anonymous = ReadAnonymous(options, faults);
        OriginsReader.Read(options, faults);
        if (options.Cookie.AsSpan().ContainsAnyExcept(CookieCharacters))
        {
            faults.Add($"{Section}:Cookie is \"{options.Cookie}\", which is no name of a cookie; give it letters, digits and \"-\".");
        }

        if (options.Mode == AccessMode.Tokens && options.Issuers.Count == 0 && options.ApiKeys.Count == 0 && anonymous is null && faults.Count == 0)
        {
            faults.Add($"{Section}:Mode is tokens, but nobody could be let in: there is no issuer, no API key and nothing for those who present nothing; "
                + $"set {Section}:Issuers, {Section}:ApiKeys or {Section}:Anonymous. docs/security.md has examples.");
        }

        return faults;
    }

    /// <summary>The API keys. A fault never shows a hash: what stands there by mistake may be the key itself.</summary>
    public static ApiKeyRing ReadKeys(AccessOptions options, List<string> faults)
    {
        var keys = new List<(byte[] Hash, AccessTicket Ticket)>();
        for (var i = 0; i < options.ApiKeys.Count; i++)
        {
            var (key, section) = (options.ApiKeys[i], $"{Section}:ApiKeys:{i}");
            var hash = new byte[SHA256.HashSizeInBytes];
            if (key.Sha256.Length != hash.Length * 2 || Convert.FromHexString(key.Sha256, hash, out _, out _) != OperationStatus.Done)
            {
                faults.Add($"{section}:Sha256 is not 64 hexadecimal digits; give it the SHA-256 of the key, never the key.");
                continue;
            }

            if (keys.Exists(other => other.Hash.AsSpan().SequenceEqual(hash)))
            {
                faults.Add($"{section}:Sha256 is that of an earlier key; give each key an entry of its own.");
            }

            var ticket = new AccessTicket
            {
                Subject = key.Id,
                ApiKey = key.Id,
                Expires = key.Expires,
                Admin = key.Admin,
                Publish = ReadGrants($"{section}:Publish", key.Publish, options, faults),
                Subscribe = ReadGrants($"{section}:Subscribe", key.Subscribe, options, faults),
            };
            keys.Add((hash, ticket));
        }

        return new ApiKeyRing(keys);
    }

    /// <summary>What those may do who present nothing; null for nothing.</summary>
    public static AccessTicket? ReadAnonymous(AccessOptions options, List<string> faults)
    {
        var ticket = new AccessTicket
        {
            Publish = ReadGrants($"{Section}:Anonymous:Publish", options.Anonymous.Publish, options, faults),
            Subscribe = ReadGrants($"{Section}:Anonymous:Subscribe", options.Anonymous.Subscribe, options, faults),
        };
        return ticket.Publish.IsEmpty && ticket.Subscribe.IsEmpty ? null : ticket;
    }

    private static GrantSet ReadGrants(string key, IList<string> texts, AccessOptions options, List<string> faults)
    {
        if (GrantSet.TryCreate([.. texts], options.TokenGrants, out var grants, out var fault))
        {
            return grants;
        }

        faults.Add($"{key} cannot be used. {fault}");
        return GrantSet.None;
    }
}
