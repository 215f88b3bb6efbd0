using Spillway.Events;
using Spillway.Problems;

namespace Spillway.Access;

/// <summary>What those are told who are not let in: RFC 6750, section 3, with a problem as its body. Nothing of a credential is repeated.</summary>
internal static class AccessProblems
{
    private const string Bearer = "Bearer realm=\"spillway\"";
    private const string HowTo = "send \"Authorization: Bearer …\" with a token or an API key";

    /// <summary>Nothing was presented. RFC 6750, section 3.1: then the challenge says nothing more.</summary>
    public static Problem NoCredential() =>
        new(401, "no-credential", "A credential is needed", $"This hub asks for a credential, and the request has none; {HowTo}.") { Challenge = Bearer, Access = new("no-credential", null) };

    /// <summary>What was presented is not good.</summary>
    /// <param name="reason">For metrics.</param>
    /// <param name="fault">What is wrong, as a sentence that repeats no credential.</param>
    /// <param name="ticket">Whose it is, where that is believed.</param>
    public static Problem Invalid(string reason, string fault, AccessTicket? ticket = null) => new(401, "invalid-token", "The credential is not good", $"{fault} Present another one.")
    {
        Challenge = $"{Bearer}, error=\"invalid_token\", error_description=\"{Quotable(fault)}\"",
        Access = new(reason, ticket?.Subject),
    };

    public static Problem Expired(AccessTicket ticket) => Invalid(
        "expired", $"The credential was good until {Timestamp.Format(ticket.Expires!.Value)}.", ticket);

    /// <summary>Nobody can say whether what was presented is good: it may be, so nobody is told that it is not.</summary>
    /// <param name="fault">Why, as a sentence.</param>
    public static Problem Unavailable(string fault) => Problem.Unavailable($"{fault} Come again.") with { RetryAfterSeconds = 5, Access = new("unavailable", null) };

    /// <summary>What was presented is no bearer credential.</summary>
    public static Problem NotBearer() => Invalid("not-bearer", "The header Authorization is not \"Bearer\" with one token behind it."); // Not quoted: it may be a token without "Bearer".

    /// <summary>It cannot be told which credential counts.</summary>
    public static Problem Twice(string where) => BadRequest("two-credentials", "two-credentials", "There are two credentials", where, $"The request has {where} twice, and it cannot be told which one counts; send one.");

    /// <summary>Addresses are logged, kept and handed on, by browsers, proxies and servers.</summary>
    public static Problem InUrl(string parameter) => BadRequest(
        "in-url", "credential-in-url", "A credential in the URL", parameter, $"The parameter \"{parameter}\" would put a credential into the URL, which others log; {HowTo}, or a cookie, and do not use this credential again.");

    /// <summary>A browser adds cookies to requests of pages that know nothing of them.</summary>
    public static Problem ForeignOrigin(string origin) => Foreign(
        origin, $"The request has a cookie or a certificate as its credential, which the browser added, and comes from a page of \"{Problem.Cut(origin)}\", which is neither this hub's own origin nor one whose pages may use the cookie (Access:Origins, Access:OriginCredentials); {HowTo} from there.");

    /// <summary>Whatever its credential.</summary>
    /// <param name="origin">Where the page is from.</param>
    /// <param name="what">What it does, as the rest of a sentence.</param>
    public static Problem ForeignPage(string origin, string what) => Foreign(
        origin, $"A page of \"{Problem.Cut(origin)}\" {what}, which is neither this hub's own origin nor listed in Access:Origins; list it there, or use a page of the hub's own.");

    /// <param name="field">What named the topic.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="verb">What is not granted, for example <c>publish to</c>.</param>
    /// <param name="subject">Who asked.</param>
    public static Problem NotGranted(string field, string topic, string verb, string? subject) => Forbidden(
        "not-granted", "not-granted", "Not granted", $"The credential does not allow to {verb} \"{Problem.Cut(topic)}\"; ask for another one, or leave it out.", subject) with
    {
        Field = field,
        Value = topic,
    };

    /// <summary>Somebody else's connection is told apart from none by nobody.</summary>
    public static Problem UnknownConnection() => new(
        404, "unknown-connection", "No such connection", "There is no connection with this id that the credential's subject opened, or it has ended; come back with the credential and the cursor.");

    public static Problem NothingToRenew() => new(409, "nothing-to-renew", "Nothing to renew", "This hub is open: it asks for no credentials, so there is none to renew.");

    /// <summary>A renewal over the connection itself, where the host is asked about requests.</summary>
    public static Problem RenewByRequest() => new(
        409, "renew-by-request", "Renew by a request", "The application that hosts this hub decides what requests may do, and a command is none; send the credential in POST {base}/connections/{id}/token.");

    /// <summary>Why a credential that was good is not any more; null: it still is.</summary>
    public static Problem? FindEnd(AccessTicket ticket, DateTimeOffset now) =>
        ticket.HasExpired(now) ? Expired(ticket) : ticket.IsRevoked ? Invalid("revoked", "The credential was taken back.", ticket) : null;

    /// <summary>What is presented is no credential, whoever made it.</summary>
    /// <param name="field">The header, cookie or parameter that has it.</param>
    /// <param name="detail">Why, as a sentence that repeats nothing of it.</param>
    public static Problem Malformed(string field, string detail) => BadRequest("malformed", "malformed-credential", "The credential is malformed", field, detail);

    /// <summary>Browsers say where what they send comes from; whoever does not is asked for another credential than what browsers add.</summary>
    public static Problem NoOrigin() => Foreign(
        "", $"The request has a cookie as its credential, which browsers add, and says by neither Origin nor Referer from where it comes; {HowTo}, or send one of them.");

    /// <summary>A good credential that allows nothing of the kind.</summary>
    /// <param name="detail">What it does not allow, as a sentence.</param>
    /// <param name="subject">Who asked.</param>
    public static Problem Insufficient(string detail, string? subject) => Forbidden("not-granted", "not-granted", "Not granted", detail, subject);

    public static Problem NotAdmin(AccessTicket ticket) =>
        Forbidden("not-admin", "not-granted", "Not granted", "The credential has no admin grant, and only with that is this allowed; present one that has.", ticket.Subject);

    /// <summary>Why a subscription is not granted.</summary>
    /// <param name="reduction">What became of it.</param>
    /// <param name="ticket">Who asked.</param>
    /// <param name="most">How many topics and patterns there may be.</param>
    /// <param name="option">The option that says so.</param>
    public static Problem Of(Reduction reduction, AccessTicket ticket, int most, string option) => reduction.Kind switch
    {
        RefusalKind.Topic => NotGranted("topic", reduction.Refused, "subscribe to", ticket.Subject),
        RefusalKind.Pattern => NotGranted("pattern", reduction.Refused, "subscribe to anything in", ticket.Subject),
        _ => Forbidden(
            "too-many", "not-granted", "Not granted",
            $"What is granted of \"{Problem.Cut(reduction.Refused)}\" takes more topics and patterns than the {most} that {option} allows; subscribe to less at once, or have wider patterns granted.", ticket.Subject) with
        {
            Field = "pattern",
            Value = reduction.Refused,
            Option = option,
            Limit = most,
        },
    };

    private static Problem Forbidden(string reason, string name, string title, string detail, string? subject) => new(403, name, title, detail)
    {
        Challenge = $"{Bearer}, error=\"insufficient_scope\"",
        Access = new(reason, subject),
    };

    private static Problem Foreign(string origin, string detail) => new(403, "foreign-origin", "A page of another origin", detail)
    {
        Field = "Origin",
        Value = origin,
        Access = new("foreign-origin", null),
    };

    private static Problem BadRequest(string reason, string name, string title, string field, string detail) => new(400, name, title, detail)
    {
        Field = field,
        Challenge = $"{Bearer}, error=\"invalid_request\"",
        Access = new(reason, null),
    };

    /// <summary>RFC 6750, section 3: these characters and no others.</summary>
    private static string Quotable(string text) => string.Concat(text.Select(static c => c == '"' ? '\'' : c is >= ' ' and <= '~' and not '\\' ? c : '?'));
}
