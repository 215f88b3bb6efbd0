using System.Buffers;
using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Spillway.Access.Certificates;
using Spillway.Access.Introspection;
using Spillway.Access.Tokens;

namespace Spillway.Access;

/// <summary>Reads what options grant, and says everything that is wrong with them.</summary>
internal static class AccessSetup
{
    private const string Section = $"{SpillwayOptions.Section}:Access";

    // RFC 6265, section 4.1.1: a token of HTTP.
    private static readonly SearchValues<char> CookieCharacters = SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    /// <summary>Every fault, each with key and remedy, and none with a secret.</summary>
    /// <param name="options">The options.</param>
    /// <param name="hostDecides">Whether the host has an <see cref="IAccessCallback"/>.</param>
    /// <param name="othersLetIn">Whether another protocol's credentials let somebody in, so that none of here has to.</param>
    public static IReadOnlyList<string> FindFaults(AccessOptions options, bool hostDecides = false, bool othersLetIn = false)
    {
        var faults = new List<string>(TokenSetup.FindFaults(options));
        ReadKeys(options, faults);
        ReadCertificates(options, faults);
        var asks = IntrospectionReader.Read(options.Introspection, faults) is not null;
        var anonymous = ReadAnonymous(options, faults);
        OriginsReader.Read(options, faults);
        if (!MayNameCookie(options.Cookie))
        {
            faults.Add($"{Section}:Cookie is \"{options.Cookie}\", which is no name of a cookie; give it letters, digits and \"-\".");
        }

        if (hostDecides && options.Mode == AccessMode.Open)
        {
            faults.Add($"{Section}:Mode is open, but the host has an {nameof(IAccessCallback)}, which nobody would ask then; set it to tokens, or register none.");
        }

        if (!hostDecides && !othersLetIn && options is { Mode: AccessMode.Tokens, Issuers.Count: 0, ApiKeys.Count: 0, ClientCertificates.Count: 0 } && !asks && anonymous is null && faults.Count == 0)
        {
            faults.Add($"{Section}:Mode is tokens, but nobody could be let in: there is no issuer, no API key, no client certificate, nobody to ask and nothing for those who present nothing; "
                + $"set {Section}:Issuers, {Section}:ApiKeys, {Section}:ClientCertificates, {Section}:Introspection or {Section}:Anonymous. docs/security.md has examples.");
        }

        return faults;
    }

    /// <summary>Whether a text may be a cookie's name; an empty one is none, and may be written.</summary>
    public static bool MayNameCookie(string text) => !text.AsSpan().ContainsAnyExcept(CookieCharacters);

    /// <summary>The plan of options that have no fault.</summary>
    public static AccessPlan CreatePlan(AccessOptions options, TokenMetrics metrics, TimeProvider clock, ILogger logger)
    {
        var faults = new List<string>();
        var (keys, certificates, anonymous) = (ReadKeys(options, faults), ReadCertificates(options, faults), ReadAnonymous(options, faults));
        var asked = IntrospectionReader.Read(options.Introspection, faults);
        if (faults.Count > 0)
        {
            throw new InvalidOperationException(string.Join(' ', faults)); // Files may have changed since they were checked.
        }

        var reader = new SpillwayTicketReader();
        var tokens = TokenSetup.Create(options, reader, metrics, clock, logger);
        var introspector = asked is null ? null
            : new Introspector(options.Introspection, new HttpTokenServer(asked), reader, TokenSetup.TokenLimitsOf(options), metrics, clock, logger);
        var entries = keys.Tickets.Concat(certificates.Tickets).Append(anonymous).Select(static ticket => ticket?.Entry).Append(asked?.Options.Url);
        return new AccessPlan
        {
            Digest = OptionDigest.Of(options, tokens.Digests.Append(asked?.Digest ?? "")),
            Reader = new CredentialReader(options.Cookie),
            Tokens = tokens,
            Introspector = introspector,
            Keys = keys,
            Certificates = certificates,
            Anonymous = anonymous,
            CallbackTimeout = options.CallbackTimeout,
            Limits = TokenSetup.TokenLimitsOf(options),
            Accepted = $"there are {options.Issuers.Count} issuers of tokens (Access:Issuers), {keys.Count} API keys (Access:ApiKeys) and {certificates.Count} client certificates (Access:ClientCertificates)"
                + (introspector is null ? "" : $", and {introspector.Place} is asked about other tokens (Access:Introspection)"),
            Entries = entries.OfType<string>().ToFrozenSet(StringComparer.Ordinal),
        };
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
                Kind = CredentialKind.ApiKey,
                Entry = OptionDigest.Of(key),
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

    public static CertificateRing ReadCertificates(AccessOptions options, List<string> faults) =>
        CertificateReader.Read(options, (key, grants) => ReadGrants(key, grants, options, faults), faults);

    /// <summary>What those may do who present nothing; null for nothing.</summary>
    public static AccessTicket? ReadAnonymous(AccessOptions options, List<string> faults)
    {
        var ticket = new AccessTicket
        {
            Kind = CredentialKind.Nothing,
            Entry = OptionDigest.Of(options.Anonymous),
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
