using System.Buffers;
using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using Spillway.Access;
using Spillway.Access.Tokens;
using Spillway.Mercure.Tokens;
using Spillway.Mercure.Urls;

namespace Spillway.Mercure;

/// <summary>Reads who is let in at the Mercure hub, and says everything that is wrong with its options.</summary>
internal static class MercureSetup
{
    private const string Section = $"{SpillwayOptions.Section}:Mercure";
    private const string Nobody = "nobody";

    private static readonly string[] Taken = ["events", "subscribe", "topics", "connections", "health", "metrics", "admin"];

    // RFC 3986, section 3.3, without percent-encoding, which routes do not compare by.
    private static readonly SearchValues<char> PathCharacters = SearchValues.Create("/!$&'()+,;=:@-._~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    private static readonly TimeSpan Skew = new IssuerOptions().Skew; // Of nbf and iat; those who share a key are few and known.

    /// <summary>Every fault, each with key and remedy, and none with a secret.</summary>
    /// <param name="options">All options.</param>
    /// <param name="hostDecides">Whether the host has an <see cref="IAccessCallback"/>.</param>
    public static IReadOnlyList<string> FindFaults(SpillwayOptions options, bool hostDecides)
    {
        var (hub, faults) = (options.Mercure, new List<string>());
        if (!hub.Enabled)
        {
            return faults;
        }

        if (options.Access.Mode == AccessMode.Open)
        {
            faults.Add($"{Section}:Enabled is true, but {SpillwayOptions.Section}:Access:Mode is open: whoever reaches the hub would get what is private by its other endpoints; set it to tokens.");
        }

        CheckPlace(hub, faults);
        CheckCookies(hub, faults);
        var (publisher, subscriber) = ReadKeys(hub, faults);
        if (hub.UrlAuthorization && hub.Dialects == MercureDialects.Draft8)
        {
            faults.Add($"{Section}:UrlAuthorization is true, but {Section}:Dialects is draft8, which takes no token in a URL; set it to false.");
        }

        var isClassic = hub.Dialects != MercureDialects.Draft8 && (publisher is not null || subscriber is not null);
        var isDraft = hub.Dialects != MercureDialects.Classic && options.Access.Issuers.Any(static issuer => !string.IsNullOrEmpty(issuer.Issuer));
        if (faults.Count == 0 && !isClassic && !isDraft && !hub.Anonymous && !hostDecides)
        {
            faults.Add($"{Section}:Enabled is true, but nobody could be let in: set {Section}:PublisherKey and {Section}:SubscriberKey for tokens of 0.x, {SpillwayOptions.Section}:Access:Issuers with their names for those of draft 8, "
                + $"or {Section}:Anonymous; and {Section}:Dialects so that they count.");
        }

        return faults;
    }

    /// <summary>Whether tokens of the Mercure hub, or none, let somebody in, so that no other credential has to.</summary>
    public static bool LetsIn(MercureOptions hub) => hub.Enabled && (hub.Anonymous || !string.IsNullOrEmpty(hub.PublisherKey) || !string.IsNullOrEmpty(hub.SubscriberKey));

    /// <summary>The plan of options that have no fault.</summary>
    /// <param name="options">All options, as they are now.</param>
    /// <param name="started">Those of the hub as they were at the start: where it is, and what it speaks, stays.</param>
    /// <param name="matchers">Reads topics and patterns.</param>
    /// <param name="standing">Says of tickets whether they still stand.</param>
    /// <param name="metrics">Where tokens are counted.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="logger">Where fetched keys are told.</param>
    public static MercurePlan CreatePlan(
        SpillwayOptions options, MercureOptions started, MatcherReader matchers, MercureStanding standing, TokenMetrics metrics, TimeProvider clock, ILogger logger)
    {
        var (hub, access, faults) = (options.Mercure, options.Access, new List<string>());
        var (speaksDraft, speaksClassic) = (started.Dialects != MercureDialects.Classic, started.Dialects != MercureDialects.Draft8);
        var (publisher, subscriber) = speaksClassic ? ReadKeys(hub, faults) : (null, null);
        if (faults.Count > 0)
        {
            throw new InvalidOperationException(string.Join(' ', faults));
        }

        var own = new SpillwayTicketReader();
        var plans = speaksDraft ? TokenSetup.ReadIssuers(access).Where(static plan => plan.Name is not null).ToList() : [];
        var details = new DetailsReader(own, matchers, standing);
        var issuers = plans.Select(plan => TokenSetup.CreateIssuer(plan, access, details, metrics, clock, logger) with { Audience = started.Url, Profile = DetailsReader.Profile }).ToList();
        var limits = TokenSetup.TokenLimitsOf(access);
        string[] cookies = [.. new[] { speaksDraft ? hub.Cookie : "", speaksClassic ? hub.CookieClassic : "" }.Where(static name => name.Length > 0).Distinct()];
        var servers = plans.Where(static plan => plan.KeySetUrl is not null && IsServer(plan.Name!)).Select(static plan => plan.Name!).ToList();
        return new MercurePlan
        {
            Digest = OptionDigest.Of(hub, [.. plans.Select(static plan => plan.Digest), OptionDigest.Of(limits), $"{access.TokenCacheEntries} {access.CallbackTimeout} {TokenSetup.KeySetLimitsOf(access)}"]),
            Reader = new MercureCredentialReader(cookies, speaksClassic && hub.UrlAuthorization),
            Publishers = Validator(publisher),
            Subscribers = Validator(subscriber),
            Anonymous = hub.Anonymous ? new AccessTicket { Kind = CredentialKind.Nothing, Foreign = new MercureClaims(Nobody, standing) } : null,
            CallbackTimeout = access.CallbackTimeout,
            Limits = limits,
            Accepted = $"it takes tokens of {issuers.Count} issuers (Access:Issuers, draft 8), of those with the key of publishers ({Yes(publisher)}) and with that of subscribers ({Yes(subscriber)}), both 0.x; "
                + $"without a token what is public may be received ({(hub.Anonymous ? "yes" : "no")})",
            Metadata = speaksDraft ? MercureMetadata.Create(started, servers, hub.Cookie.Length > 0 ? hub.Cookie : null) : null,
            Entries = plans.Select(static plan => DetailsReader.EntryOf(plan.Name!)).Concat(new[] { publisher?.Entry, subscriber?.Entry, hub.Anonymous ? Nobody : null }.OfType<string>())
                .ToFrozenSet(StringComparer.Ordinal),
        };

        TokenValidator Validator(SharedKey? key)
        {
            TrustedIssuer[] shared = key is null ? [] : [Issuer(key)];
            return new TokenValidator([.. issuers, .. shared], limits, access.TokenCacheEntries, metrics, clock);
        }

        TrustedIssuer Issuer(SharedKey key) => new(
            null, null, [key.Algorithm], Skew, [new StaticKeys(new KeySet([key.Key]))], new ClassicReader(own, matchers, key.Entry, standing))
        {
            Digest = key.Entry,
            Profile = ClassicReader.Profile,
        };
    }

    private static string Yes(SharedKey? key) => key is null ? "none" : key.Algorithm.Name;

    private static (SharedKey? Publisher, SharedKey? Subscriber) ReadKeys(MercureOptions hub, List<string> faults) =>
        (SharedKey.Read("Publisher", hub.PublisherKey, hub.PublisherAlgorithm, faults), SharedKey.Read("Subscriber", hub.SubscriberKey, hub.SubscriberAlgorithm, faults));

    // RFC 8414, section 2: an https URL without query and fragment. One whose keys stand in the options is not known to be a server that others can ask.
    private static bool IsServer(string issuer) => Uri.TryCreate(issuer, UriKind.Absolute, out var url) && url is { Scheme: "https", Query: "", Fragment: "" };

    private static void CheckPlace(MercureOptions hub, List<string> faults)
    {
        if (!hub.Path.StartsWith('/') || hub.Path.EndsWith('/') || hub.Path.Contains("//", StringComparison.Ordinal) || hub.Path.AsSpan().ContainsAnyExcept(PathCharacters))
        {
            faults.Add($"{Section}:Path is \"{hub.Path}\"; give it a path like /.well-known/mercure, without a \"/\" at its end, a query, or anything percent-encoded.");
        }
        else if (Taken.Contains(hub.Path.Split('/')[1], StringComparer.OrdinalIgnoreCase))
        {
            faults.Add($"{Section}:Path is \"{hub.Path}\", where the hub's own endpoints are; give it a path like /.well-known/mercure.");
        }

        if (!Uri.TryCreate(hub.Url, UriKind.Absolute, out var url) || url is not { Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "" } || url.AbsolutePath.AsSpan().ContainsAnyExcept(PathCharacters)
            || hub.Url.AsSpan().ContainsAnyExceptInRange('!', '~') || hub.Url.AsSpan().ContainsAny('"', '\\') || !UrlParser.TryParse(hub.Url, null, out _))
        {
            faults.Add($"{Section}:Url is \"{hub.Url}\"; give it the address by which clients reach the hub, like https://hub.example.com/.well-known/mercure, without a user's name, a query and a fragment.");
        }
        else if (url.AbsolutePath.EndsWith('/'))
        {
            faults.Add($"{Section}:Url is \"{hub.Url}\", whose path ends in \"/\"; give it one that does not, like https://hub.example.com/.well-known/mercure: topics below that path are the hub's own.");
        }
    }

    private static void CheckCookies(MercureOptions hub, List<string> faults)
    {
        foreach (var (name, value) in new[] { (nameof(hub.Cookie), hub.Cookie), (nameof(hub.CookieClassic), hub.CookieClassic) })
        {
            if (!AccessSetup.MayNameCookie(value))
            {
                faults.Add($"{Section}:{name} is \"{value}\", which is no name of a cookie; give it letters, digits and \"-\".");
            }
        }
    }
}
