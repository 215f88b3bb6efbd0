using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Spillway.Access;
using Spillway.Delivery;
using Spillway.Hub;
using Spillway.Operations;
using Spillway.TestKit;
using Spillway.Transports;

namespace Spillway.Tests.Operations;

/// <summary>What operators ask of a hub with some connections, without a server.</summary>
internal sealed class AdminRig : IAsyncDisposable
{
    private readonly AccessTicket _operator = new() { Subject = "operator", Admin = true };
    private readonly HubHarness _hub;
    private readonly AuditLog _audit;

    public AdminRig(int loops = 1, int most = 100, RevocationFile? file = null)
    {
        var options = new SpillwayOptions();
        options.Delivery.Loops = loops;
        options.Access.Revocations = most;
        _hub = new HubHarness(options);
        _audit = new AuditLog(new Microsoft.Extensions.Logging.LoggerFactory([Logs]));
        Revocations = new Revocations(most, file, _hub.Clock);
        var connections = new HubConnections(_hub.Hub);
        Connections = new ConnectionsEndpoint(connections, _audit);
        Endpoint = new RevocationsEndpoint(Revocations, connections, _hub.Hub, Options.Create(options), _audit, _hub.Clock);
    }

    public LogCollector Logs { get; } = new();

    public Revocations Revocations { get; }

    public ConnectionsEndpoint Connections { get; }

    public RevocationsEndpoint Endpoint { get; }

    public HubHarness Hub => _hub;

    /// <summary>The line in the audit log that was written last.</summary>
    public string Audit => Logs.Lines.Last(static line => line.Text.Contains(" at ", StringComparison.Ordinal)).Text;

    public async Task<TestConnection> ConnectAsync(string? subject, params string[] selectors)
    {
        var set = Selectors.Of(selectors);
        var ticket = new AccessTicket { Subject = subject, TokenId = subject is null ? null : "id of " + subject, Revocations = Revocations, Expires = _hub.Clock.GetUtcNow().AddHours(1) };
        var (_, connection) = await _hub.ConnectAsync(new SubscriptionRequest(set, WireFormat.SseRaw, Signals: true) { Lease = subject is null ? null : AccessLease.Of(ticket, set, set) });
        await _hub.UntilAsync(() => connection.Number >= 0, "adoption");
        return connection;
    }

    /// <summary>The id of a subject's only connection.</summary>
    public async Task<string> IdOfAsync(string subject) =>
        (await AskAsync(Connections.ListAsync, "?subject=" + subject)).Answer.GetProperty("connections").EnumerateArray().Single().GetProperty("connection").GetString()!;

    public Task<(int Status, JsonElement Answer)> AskAsync(Func<HttpContext, AccessTicket, Task> handler, string query = "", string body = "", string? id = null) =>
        AskAsync(handler, _operator, query, body, id);

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        Logs.Dispose();
    }

    private static async Task<(int Status, JsonElement Answer)> AskAsync(Func<HttpContext, AccessTicket, Task> handler, AccessTicket ticket, string query, string body, string? id)
    {
        using var answer = new MemoryStream();
        var context = new DefaultHttpContext { Request = { QueryString = new QueryString(query), Body = new MemoryStream(Encoding.UTF8.GetBytes(body)) }, Response = { Body = answer } };
        context.Request.RouteValues["id"] = id;
        await handler(context, ticket);
        return (context.Response.StatusCode, answer.Length == 0 ? default : JsonDocument.Parse(answer.ToArray()).RootElement);
    }
}
