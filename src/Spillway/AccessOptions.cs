using System.ComponentModel.DataAnnotations;

namespace Spillway;

/// <summary>Who is let in, whose tokens count, and how large they may be.</summary>
public sealed class AccessOptions
{
    /// <summary>Whether requests need a credential. Default: open, they do not.</summary>
    public AccessMode Mode { get; set; } = AccessMode.Open;

    /// <summary>What those may do who present nothing. Default: nothing.</summary>
    public AnonymousOptions Anonymous { get; set; } = new();

    /// <summary>Keys that programs present in a token's place. Default: none.</summary>
    public IList<ApiKeyOptions> ApiKeys { get; } = [];

    /// <summary>How long an <see cref="IAccessCallback"/> of the host may take. Default: 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan CallbackTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Certificates that clients present when they connect. Default: none, and none is looked at.</summary>
    public IList<ClientCertificateOptions> ClientCertificates { get; } = [];

    /// <summary>The cookie that holds a token where there is no <c>Authorization</c> header; empty: none is looked at. Default: <c>spillway-token</c>.</summary>
    public string Cookie { get; set; } = "spillway-token";

    /// <summary>
    /// Origins (<c>https://app.example.com</c>) whose pages may use the hub from a browser, beside its own: CORS, and WebSockets. <c>*</c> alone is every origin, and then never with the cookie. Default: none.
    /// </summary>
    public IList<string> Origins { get; } = [];

    /// <summary>Whether pages of <see cref="Origins"/> may use the cookie. Default: null, which is true where they are named, and false for <c>*</c>.</summary>
    public bool? OriginCredentials { get; set; }

    /// <summary>How long a browser may remember what pages of other origins may ask for. Default: 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan PreflightMaxAge { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Who is asked about tokens that are no signed ones. Default: nobody.</summary>
    public IntrospectionOptions Introspection { get; set; } = new();

    /// <summary>Who may make tokens. Default: nobody.</summary>
    public IList<IssuerOptions> Issuers { get; } = [];

    /// <summary>How long before its credential ends a stream is told so, by <c>auth-expiring</c>. Default: 2 min, which is before <c>exp</c> also where <see cref="IssuerOptions.Skew"/> is 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan RenewBefore { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How many revocations are known at a time; more are refused. Default: 10,000.</summary>
    [Range(1, 1_000_000)]
    public int Revocations { get; set; } = 10_000;

    /// <summary>The most bytes of a token. Default: 8 KiB.</summary>
    [Range(256, 64 * 1_024)]
    public int TokenBytes { get; set; } = 8 * 1024;

    /// <summary>The most bytes of a token's header, decoded. Default: 4 KiB.</summary>
    [Range(128, 64 * 1_024)]
    public int TokenHeaderBytes { get; set; } = 4 * 1024;

    /// <summary>How deep objects and lists in a token may be nested. Default: 8.</summary>
    [Range(3, 64)]
    public int TokenDepth { get; set; } = 8;

    /// <summary>The most grants of a token for one purpose, publishing or subscribing. Default: 256.</summary>
    [Range(1, 10_000)]
    public int TokenGrants { get; set; } = 256;

    /// <summary>The most characters of the subject, the token's id and the client in a token. Default: 256.</summary>
    [Range(16, 1_024)]
    public int TokenNameLength { get; set; } = 256;

    /// <summary>How many keys of its issuer are tried for a token that names none. Default: 8.</summary>
    [Range(1, 100)]
    public int TokenKeysTried { get; set; } = 8;

    /// <summary>How many verified tokens are remembered, so that they are not verified again; 0 or 1: none. Default: 10,000.</summary>
    [Range(0, 10_000_000)]
    public int TokenCacheEntries { get; set; } = 10_000;

    /// <summary>The most bytes of a set of keys. Default: 256 KiB.</summary>
    [Range(1_024, 16 * 1_024 * 1_024)]
    public int KeySetBytes { get; set; } = 256 * 1024;

    /// <summary>The most keys of a set. Default: 100.</summary>
    [Range(1, 10_000)]
    public int KeySetKeys { get; set; } = 100;

    /// <summary>The least time between two looks for an issuer's keys, whatever tokens name. Default: 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan KeySetInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>After this time keys are looked for again. Default: 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan KeySetMaxAge { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long keys are used that cannot be looked for again because the issuer does not answer. Default: 1 d.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan KeySetKeepFor { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long an issuer may take to answer with its keys. Default: 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan KeySetTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
