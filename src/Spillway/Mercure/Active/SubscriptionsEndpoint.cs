using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Spillway.Access;
using Spillway.Backplane;
using Spillway.Events;
using Spillway.Problems;

namespace Spillway.Mercure.Active;

/// <summary>Answers <c>GET {hub}/subscriptions…</c> (U3): all of them, those of one matcher, or one. Each address needs a grant for itself, by the path that clients know, as if it were a topic.</summary>
internal sealed class SubscriptionsEndpoint(SubscriptionBook book, MercureGate gate, MercureCursors cursors, IBackplane backplane, IOptions<SpillwayOptions> options)
{
    private const string Below = "/subscriptions";

    private readonly MercureOptions _hub = options.Value.Mercure;
    private readonly string _path = options.Value.Mercure.UrlPath;

    public Task HandleAsync(HttpContext context, MercureTicket ticket)
    {
        if (ticket.Ticket.Kind == CredentialKind.Nothing)
        {
            return gate.RefuseAsync(context, MercureProblems.NoCredential());
        }

        if (!TryReadPath(context, out var parts))
        {
            return ProblemWriter.WriteAsync(context, Problem.NotFound(context.Request.Path));
        }

        var path = string.Join('/', parts.Select(SubscriptionEntry.Escape).Prepend(_path + Below));
        var topic = Encoding.UTF8.GetBytes(path);
        return ticket.Subscribe.Allows(topic) ? AnswerAsync(context, parts, path, ticket.SpokenAt(_hub))
            : gate.RefuseAsync(context, MercureProblems.NotGranted("topic", topic, "read", ticket));
    }

    // Draft 8 has kind, matcher and subscriber; 0.x matcher and subscriber.
    private Task AnswerAsync(HttpContext context, string[] parts, string path, Dialect dialect) => (dialect, parts) switch
    {
        (_, []) => ListAsync(context, path, dialect, static _ => true),
        (Dialect.Draft8, [var type, var match]) => ListAsync(context, path, dialect, entry => entry.Type == type && entry.Match == match),
        (Dialect.Classic, [var match]) => ListAsync(context, path, dialect, entry => entry.Match == match),
        (Dialect.Draft8, [var type, var match, var id]) => ShowAsync(context, path, dialect, id, entry => entry.Type == type && entry.Match == match),
        (Dialect.Classic, [var match, var id]) => ShowAsync(context, path, dialect, id, entry => entry.Match == match),
        _ => NotFoundAsync(context, path),
    };

    private Task ShowAsync(HttpContext context, string path, Dialect dialect, string id, Func<SubscriptionEntry, bool> isAsked)
    {
        var last = LastId();
        return book.TryGet(id, out var subscriber) && subscriber.Entries.FirstOrDefault(isAsked) is { } entry
            ? WriteAsync(context, SubscriptionDocument.Of(_path, subscriber, entry, dialect, last), dialect, last)
            : NotFoundAsync(context, path);
    }

    private Task ListAsync(HttpContext context, string path, Dialect dialect, Func<SubscriptionEntry, bool> isAsked)
    {
        var last = LastId();
        var listed = book.Find(isAsked, _hub.SubscriptionsListed + 1);
        if (listed.Count <= _hub.SubscriptionsListed)
        {
            return WriteAsync(context, SubscriptionDocument.Of(_path, path, listed, dialect, last), dialect, last);
        }

        const string Option = "Mercure:SubscriptionsListed";
        var detail = $"There are more subscriptions than the {_hub.SubscriptionsListed} that {Option} lets one answer list; ask for those of one topic or pattern, or raise the option.";
        return ProblemWriter.WriteAsync(context, Problem.Overloaded(detail) with { Option = Option, Limit = _hub.SubscriptionsListed });
    }

    /// <summary>The newest event's. To be asked for before what is listed: what comes meanwhile is told behind it.</summary>
    private string LastId() =>
        backplane.History.Head == 0 ? MercureCursors.Earliest : cursors.TextOf(new Position(backplane.History.Epoch, backplane.History.Head));

    private static Task NotFoundAsync(HttpContext context, string path) =>
        ProblemWriter.WriteAsync(context, Problem.NotFound(path) with { Detail = "There is no such subscription, or no more." });

    private Task WriteAsync(HttpContext context, byte[] document, Dialect dialect, string last)
    {
        var response = context.Response;
        response.ContentType = dialect == Dialect.Draft8 ? "application/json" : "application/ld+json";
        response.Headers.CacheControl = "no-cache";
        response.Headers.Link = $"<{_hub.Url}>; rel=\"mercure\"; last-event-id=\"{last}\"";
        response.ContentLength = document.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(document, context.RequestAborted).AsTask();
    }

    /// <summary>The parts behind the address, as they are meant: what a server has decoded of a path is not to be told from what stood there.</summary>
    private bool TryReadPath(HttpContext context, [NotNullWhen(true)] out string[]? parts)
    {
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        var path = target.AsSpan(0, target.AsSpan().IndexOf('?') is var end and >= 0 ? end : target.Length);
        var at = path.IndexOf(_hub.Path + Below, StringComparison.OrdinalIgnoreCase); // As routes compare. The first one: a matcher may hold another, not escaped.
        parts = at < 0 ? null : [.. path[(at + _hub.Path.Length + Below.Length)..].ToString().Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString)];
        return parts is not null;
    }
}
