using System.ComponentModel.DataAnnotations;

namespace Spillway;

/// <summary>A Mercure hub beside the hub's own endpoints: what is published here is received there, and the other way round.</summary>
public sealed class MercureOptions
{
    /// <summary>Whether there is a Mercure hub. It needs <see cref="AccessOptions.Mode"/> to be tokens. Default: false.</summary>
    public bool Enabled { get; set; }

    /// <summary>Where it is on this host. Default: <c>/.well-known/mercure</c>.</summary>
    public string Path { get; set; } = "/.well-known/mercure";

    /// <summary>
    /// Its address as clients know it: what tokens of draft 8 have in <c>aud</c>, and against what relative topics and patterns are resolved. Its path does not end in a slash. Default: <c>http://localhost/.well-known/mercure</c>.
    /// </summary>
    [Required]
    public string Url { get; set; } = "http://localhost/.well-known/mercure";

    /// <summary>The path by which clients know it, which a proxy may make another: the topics and documents of the hub's own are below it.</summary>
    internal string UrlPath => new Uri(Url).AbsolutePath;

    /// <summary>Which versions of the protocol it speaks. Default: both.</summary>
    public MercureDialects Dialects { get; set; } = MercureDialects.Both;

    /// <summary>Whether who presents no token may subscribe, to what is public. Default: false.</summary>
    public bool Anonymous { get; set; }

    /// <summary>What the tokens of 0.x that publish are verified with: a secret, or a public key in PEM. Default: none, nobody publishes by such tokens.</summary>
    public string? PublisherKey { get; set; }

    /// <summary>The algorithm of <see cref="PublisherKey"/>, as <see cref="IssuerOptions.Algorithms"/> has them. Default: HS256.</summary>
    [Required]
    public string PublisherAlgorithm { get; set; } = "HS256";

    /// <summary>What the tokens of 0.x that subscribe are verified with: a secret, or a public key in PEM. Default: none, such tokens are refused.</summary>
    public string? SubscriberKey { get; set; }

    /// <summary>The algorithm of <see cref="SubscriberKey"/>. Default: HS256.</summary>
    [Required]
    public string SubscriberAlgorithm { get; set; } = "HS256";

    /// <summary>The cookie that holds a token where there is no <c>Authorization</c> header; empty: none. Default: <c>__Secure-mercure_access_token</c>.</summary>
    public string Cookie { get; set; } = "__Secure-mercure_access_token";

    /// <summary>The same as clients of 0.x name it; empty: none. Default: <c>mercureAuthorization</c>.</summary>
    public string CookieClassic { get; set; } = "mercureAuthorization";

    /// <summary>Whether clients of 0.x may present a token as the parameter <c>authorization</c> of the URL, which others log. Default: false, it is refused.</summary>
    public bool UrlAuthorization { get; set; }

    /// <summary>The most bytes of a topic, pattern or template in a token or a subscription. Default: 512.</summary>
    [Range(64, 8_192)]
    public int PatternBytes { get; set; } = 512;

    /// <summary>The most regular expressions that the patterns and templates of one subscription may need. Patterns of text, whole segments and one <c>*</c> need none, templates of simple values neither. Default: 16.</summary>
    [Range(0, 10_000)]
    public int SubscriptionExpressions { get; set; } = 16; // Each takes about ten milliseconds to make.

    /// <summary>The most regular expressions that the hub keeps of subscriptions, and as many again of tokens; those that differ in the text before them only are one. A pattern that needs one more is refused. Default: 256.</summary>
    [Range(1, 100_000)]
    public int Expressions { get; set; } = 256; // Each keeps 0.1 to 1.2 MB.

    /// <summary>Whether subscriptions are listed, and their beginnings and ends published. Default: false.</summary>
    public bool Subscriptions { get; set; }

    /// <summary>The most events a second that tell of beginnings and ends of subscriptions. Default: 100.</summary>
    [Range(1, 10_000)]
    public int SubscriptionEventsPerSecond { get; set; } = 100;

    /// <summary>How many beginnings and ends may wait to be told; more are not told. Default: 100,000.</summary>
    [Range(1, 10_000_000)]
    public int SubscriptionChanges { get; set; } = 100_000;

    /// <summary>The most subscriptions that one answer lists. Default: 10,000.</summary>
    [Range(1, 1_000_000)]
    public int SubscriptionsListed { get; set; } = 10_000;
}
