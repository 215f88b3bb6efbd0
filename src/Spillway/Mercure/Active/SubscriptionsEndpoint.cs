using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Spillway.Backplane;
using Spillway.Events;
using Spillway.Problems;

namespace Spillway.Mercure.Active;

/// <summary>Answers <c>GET {hub}/subscriptions…</c> (U3): all of them, those of one matcher, or one. Each address needs a grant for itself, as if it were a topic.</summary>
internal sealed class SubscriptionsEndpoint(SubscriptionBook book, MercureGate gate, MercureCursors cursors, IBackplane backplane, IOptions<SpillwayOptions> options)
{
    private const string Below = "/subscriptions";

    private readonly MercureOptions _hub = options.Value.Mercure;

    public Task HandleAsync(HttpContext context, MercureTicket ticket)
    {
        if (ticket.Dialect is null)
        {
            return gate.RefuseAsync(context, MercureProblems.NoCredential());
        }

        if (!TryReadPath(context, out var parts))
        {
            return ProblemWriter.WriteAsync(context, Problem.NotFound(context.Request.Path));
        }

        var path = string.Join('/', parts.Select(SubscriptionEntry.Escape).Prepend(_hub.Path + Below));
        var topic = Encoding.UTF8.GetBytes(path);
        return ticket.Subscribe.Allows(topic) ? AnswerAsync(context, parts, path, ticket.Dialect.Value)
            : gate.RefuseAsync(context, MercureProblems.NotGranted("topic", topic, "read", ticket));
    }

    private Task AnswerAsync(HttpContext context, string[] parts, string path, Dialect dialect)
    {
        var last = backplane.History.Head == 0 ? MercureCursors.Earliest : cursors.TextOf(new Position(backplane.History.Epoch, backplane.History.Head)); // Before the list: what comes meanwhile is told behind it.
        if (IsOfOne(parts, dialect))
        {
            var found = book.TryGet(parts[^1], out var subscriber) ? subscriber.Entries.FirstOrDefault(entry => IsOf(entry, parts[..^1])) : null;
            return found is null
                ? ProblemWriter.WriteAsync(context, Problem.NotFound(path) with { Detail = "There is no such subscription, or no more." })
                : WriteAsync(context, SubscriptionDocument.Of(_hub.Path, subscriber!, found, dialect, last), dialect, last);
        }

        var listed = book.All.SelectMany(static subscriber => subscriber.Entries.Select(entry => (Subscriber: subscriber, Entry: entry))).Where(one => IsOf(one.Entry, parts)).Take(_hub.SubscriptionsListed + 1).ToArray();
        if (listed.Length <= _hub.SubscriptionsListed)
        {
            return WriteAsync(context, SubscriptionDocument.Of(_hub.Path, path, listed, dialect, last), dialect, last);
        }

        const string Option = "Mercure:SubscriptionsListed";
        var detail = $"There are more subscriptions than the {_hub.SubscriptionsListed} that {Option} lets one answer list; ask for those of one topic or pattern, or raise the option.";
        return ProblemWriter.WriteAsync(context, Problem.Overloaded(detail) with { Option = Option, Limit = _hub.SubscriptionsListed });
    }

    private Task WriteAsync(HttpContext context, byte[] document, Dialect dialect, string last)
    {
        var response = context.Response;
        response.ContentType = dialect == Dialect.Draft8 ? "application/json" : "application/ld+json";
        response.Headers.CacheControl = "no-cache";
        response.Headers.Link = $"<{_hub.Url}>; rel=\"mercure\"; last-event-id=\"{last}\"";
        response.ContentLength = document.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(document, context.RequestAborted).AsTask();
    }

    // Draft 8 has kind, matcher and subscriber; 0.x matcher and subscriber.
    private static bool IsOfOne(string[] parts, Dialect dialect) => parts.Length == (dialect == Dialect.Draft8 ? 3 : 2);

    private static bool IsOf(SubscriptionEntry entry, string[] parts) => parts switch
    {
        [] => true,
        [var match] => entry.Match == match,
        [var type, var match] => entry.Type == type && entry.Match == match,
        _ => false,
    };

    /// <summary>The parts behind the address, as they are meant: what a server has decoded of a path is not to be told from what stood there.</summary>
    private bool TryReadPath(HttpContext context, out string[] parts)
    {
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        var path = target.AsSpan(0, target.AsSpan().IndexOf('?') is var end and >= 0 ? end : target.Length);
        var at = path.LastIndexOf(_hub.Path + Below);
        parts = at < 0 ? [] : [.. path[(at + _hub.Path.Length + Below.Length)..].ToString().Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString)];
        return at >= 0 && parts.Length <= 3;
    }
}
