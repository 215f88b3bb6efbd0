using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.Hub;
using Spillway.Mercure.Active;
using Spillway.Mercure.Tokens;
using Spillway.Problems;
using Spillway.Transports;
using Spillway.Transports.Sse;

namespace Spillway.Mercure;

/// <summary>Answers <c>GET</c> and <c>QUERY</c> to the Mercure hub with an event stream. What a private update costs is settled here, once: see <see cref="VisibleSelectors"/>.</summary>
internal sealed class MercureSubscribeEndpoint(SubscribeEndpoint streams, MercureGate gate, MatcherReader matchers, MercureCursors cursors, SubscriptionBook book, IOptions<SpillwayOptions> options)
{
    private const int MostIdLength = 256;
    private const string Form = "application/x-www-form-urlencoded";

    private readonly SpillwayOptions _options = options.Value;

    public Task HandleAsync(HttpContext context, MercureTicket ticket)
    {
        var parameters = new SubscriptionParameters(matchers, _options.Mercure.Dialects, _options.Limits.SelectorsInQuery);
        var query = context.Request.QueryString.Value is { Length: > 1 } text ? Encoding.UTF8.GetBytes(text, 1, text.Length - 1) : [];
        var problem = parameters.Read(query);
        return problem is not null ? gate.RefuseAsync(context, problem)
            : HttpMethods.IsGet(context.Request.Method) ? SubscribeAsync(context, ticket, parameters)
            : SubscribeByBodyAsync(context, ticket, parameters);
    }

    private async Task SubscribeByBodyAsync(HttpContext context, MercureTicket ticket, SubscriptionParameters parameters)
    {
        var problem = await ReadBodyAsync(context, parameters);
        await (problem is null ? SubscribeAsync(context, ticket, parameters) : gate.RefuseAsync(context, problem));
    }

    private async ValueTask<Problem?> ReadBodyAsync(HttpContext context, SubscriptionParameters parameters)
    {
        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) || !type.MediaType.Equals(Form, StringComparison.OrdinalIgnoreCase))
        {
            return Problem.UnsupportedMediaType("Content-Type", context.Request.ContentType, $"{Form}, in UTF-8");
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
            return gate.RefuseAsync(context, problem);
        }

        var header = context.Request.Headers["Last-Event-ID"].ToString();
        var asked = header.Length > 0 ? header : parameters.LastEventId is { Length: > 0 } named ? named : null;
        asked = asked?.Length > MostIdLength ? asked[..MostIdLength] : asked; // No event has it then.
        var request = new SubscriptionRequest(selectors!, WireFormat.SseMercure, parameters.Signals) { Lease = Lease(ticket, parameters), Cursors = cursors };
        if (asked is not null)
        {
            var known = cursors.Known(asked);
            request = asked == MercureCursors.Earliest ? request with { Start = StartKind.Earliest } : request with { Start = StartKind.Cursor, Cursor = asked };
            context.Response.Headers["Mercure-Last-Event-ID"] = known;
            context.Response.Headers["Last-Event-ID"] = known;
        }

        return streams.StreamAsync(context, request);
    }

    private AccessLease Lease(MercureTicket ticket, SubscriptionParameters parameters)
    {
        if (!_options.Mercure.Subscriptions)
        {
            return new AccessLease(ticket.Ticket, asked: null) { IsForeign = true };
        }

        var entries = parameters.Asked.Select(matcher => new SubscriptionEntry(
            parameters.Dialect!.Value, SubscriptionEntry.TypeOf(matcher), matcher.MatchesAll ? MatcherReader.Everything : matcher.Text, ticket.Subscribe.PayloadFor(matcher)));
        return new Subscriber(ticket.Ticket, [.. entries], book) { IsForeign = true };
    }

    private Problem? Select(MercureTicket ticket, SubscriptionParameters parameters, out SelectorSet? selectors)
    {
        var grants = ticket.Subscribe;
        selectors = null;
        if (!grants.AllowsAll && parameters.Asked.Count * (1L + grants.Topics.Count + grants.Patterns.Count) > _options.Limits.SelectorsInBody)
        {
            const string Option = "Limits:SelectorsInBody";
            var detail = $"What is asked for and what the token grants would make more than the {_options.Limits.SelectorsInBody} patterns that {Option} allows; ask for less, or grant by wider patterns.";
            return Problem.InvalidParameter("match", null, detail) with { Option = Option, Limit = _options.Limits.SelectorsInBody };
        }

        selectors = VisibleSelectors.Of(parameters.Asked, [.. grants.Topics.Select(static topic => new ExactTopic(topic)), .. grants.Patterns], grants.AllowsAll);
        return null;
    }
}
