using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.Hub;
using Spillway.Mercure.Active;
using Spillway.Mercure.Tokens;
using Spillway.Problems;
using Spillway.Transports;
using Spillway.Transports.Sse;

namespace Spillway.Mercure;

/// <summary>Answers <c>GET</c> and <c>QUERY</c> to the Mercure hub with an event stream. What a private event costs is settled here, once: see <see cref="VisibleSelectors"/>.</summary>
internal sealed class MercureSubscribeEndpoint(SubscribeEndpoint streams, MercureGate gate, MatcherReader matchers, MercureCursors cursors, SubscriptionBook book, IOptions<SpillwayOptions> options)
{
    private const int MostIdLength = 256;

    private readonly SpillwayOptions _options = options.Value;

    public Task HandleAsync(HttpContext context, MercureTicket ticket)
    {
        var isGet = HttpMethods.IsGet(context.Request.Method);
        var parameters = new SubscriptionParameters(matchers, _options, isGet);
        var query = context.Request.QueryString.Value is { Length: > 1 } text ? Encoding.UTF8.GetBytes(text, 1, text.Length - 1) : [];
        var problem = parameters.Read(query);
        return problem is not null ? RefuseAsync(context, problem)
            : isGet ? SubscribeAsync(context, ticket, parameters)
            : SubscribeByBodyAsync(context, ticket, parameters);
    }

    private async Task SubscribeByBodyAsync(HttpContext context, MercureTicket ticket, SubscriptionParameters parameters)
    {
        var problem = await ReadBodyAsync(context, parameters);
        await (problem is null ? SubscribeAsync(context, ticket, parameters) : RefuseAsync(context, problem));
    }

    private async ValueTask<Problem?> ReadBodyAsync(HttpContext context, SubscriptionParameters parameters)
    {
        if (FormFields.FindTypeFault(context.Request) is { } other)
        {
            return other;
        }

        using var body = await RequestBody.ReadAsync(context, _options.Limits.SubscriptionBytes);
        return body.IsTooLarge ? Problem.BodyTooLarge("Limits:SubscriptionBytes", _options.Limits.SubscriptionBytes) : body.Problem ?? parameters.Read(body.Memory.Span);
    }

    private Task SubscribeAsync(HttpContext context, MercureTicket ticket, SubscriptionParameters parameters)
    {
        SelectorSet? selectors = null;
        var problem = parameters.FindMissing() ?? Select(ticket, parameters, out selectors);
        if (problem is not null)
        {
            return RefuseAsync(context, problem);
        }

        var header = context.Request.Headers["Last-Event-ID"].ToString();
        var asked = header.Length > 0 ? header : parameters.LastEventId is { Length: > 0 } named ? named : null;
        asked = asked?.Length > MostIdLength ? asked[..MostIdLength] : asked; // No event has it then.
        var request = new SubscriptionRequest(selectors!, WireFormat.SseMercure, parameters.Signals) { Lease = Lease(ticket, parameters), Cursors = cursors };
        return asked is not null && !cursors.CanRead(asked)
            ? streams.TurnAwayAsync(context, "starting", Problem.Starting) // To call it unknown would have everybody come back to the beginning of history.
            : ContinueAsync(context, request, ticket, asked);
    }

    private Task ContinueAsync(HttpContext context, SubscriptionRequest request, MercureTicket ticket, string? asked)
    {
        if (asked is not null)
        {
            var own = cursors.OwnOf(asked, ticket.Subscribe);
            var known = cursors.Knows(own, request.Selectors) ? asked : MercureCursors.Earliest;
            request = asked == MercureCursors.Earliest ? request with { Start = StartKind.Earliest } : request with { Start = StartKind.Cursor, Cursor = own };
            context.Response.Headers["Mercure-Last-Event-ID"] = known;
            context.Response.Headers["Last-Event-ID"] = known;
        }

        return streams.StreamAsync(context, request);
    }

    private Task RefuseAsync(HttpContext context, Problem problem) => streams.RefuseAsync(context, gate.Challenge(problem));

    private AccessLease Lease(MercureTicket ticket, SubscriptionParameters parameters)
    {
        if (!_options.Mercure.Subscriptions)
        {
            return new AccessLease(ticket.Ticket, asked: null) { IsForeign = true };
        }

        return new Subscriber(ticket.Ticket, [.. parameters.Asked.Select(Entry)], book) { IsForeign = true };

        SubscriptionEntry Entry(TopicMatcher matcher)
        {
            var match = matcher.MatchesAll ? MatcherReader.Everything : matcher.Text;
            return new(parameters.Dialect!.Value, SubscriptionEntry.TypeOf(matcher), match, ticket.Subscribe.PayloadFor(match));
        }
    }

    private Problem? Select(MercureTicket ticket, SubscriptionParameters parameters, out SelectorSet? selectors)
    {
        var (grants, most) = (ticket.Subscribe, _options.Limits.SelectorsInBody);
        if (!VisibleSelectors.TryMake(parameters.Asked, grants.Matchers, grants.AllowsAll, most, out selectors))
        {
            const string Option = "Limits:SelectorsInBody";
            var detail = $"What is asked for and what the token grants would make more than the {most} patterns that {Option} allows; ask for less, or grant by wider patterns.";
            return Problem.InvalidParameter("match", null, detail) with { Option = Option, Limit = most };
        }

        return null;
    }
}
