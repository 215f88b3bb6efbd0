using System.Net.Sockets;
using System.Text;

namespace Spillway.Tests.Client;

/// <summary>One connection of a <see cref="FakeHub"/>. When the act returns, the connection is closed in good order.</summary>
internal sealed class FakeExchange(FakeRequest request, Socket socket, Stream stream, CancellationToken cancellationToken)
{
    public FakeRequest Request { get; } = request;

    public CancellationToken Stopped { get; } = cancellationToken;

    /// <summary>Writes bytes as they are.</summary>
    public Task SendAsync(string text) => stream.WriteAsync(Encoding.UTF8.GetBytes(text), Stopped).AsTask();

    /// <summary>The head of a stream whose end is the connection's end.</summary>
    public Task BeginStreamAsync() => SendAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n");

    /// <summary>A stream's head and opening block.</summary>
    public async Task OpenAsync(string cursor, double keepAlive = 15, int retry = 1_000)
    {
        await BeginStreamAsync();
        await SendAsync(FormattableString.Invariant(
            $"retry: {retry}\nid: {cursor}\nevent: spillway-open\ndata: {{\"connection\":\"c-{cursor}\",\"keepAlive\":{keepAlive},\"protocol\":1}}\n\n"));
    }

    /// <summary>An event with a text payload.</summary>
    public Task EventAsync(string id, string payload = "x", string topic = "a") =>
        SendAsync($"id: {id}\ndata: {{\"topic\":\"{topic}\",\"time\":\"2026-01-31T08:00:00.123Z\",\"contentType\":\"text/plain\",\"payload\":\"{payload}\"}}\n\n");

    /// <summary>A whole answer.</summary>
    public Task AnswerAsync(string status, string body = "", string headers = "", string contentType = "application/json") =>
        SendAsync($"HTTP/1.1 {status}\r\nContent-Type: {contentType}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n{headers}\r\n{body}");

    /// <summary>An answer as RFC 9457 has it.</summary>
    public Task ProblemAsync(string status, string name, string detail, string headers = "") => AnswerAsync(
        status, $"{{\"type\":\"urn:spillway:problem:{name}\",\"title\":\"t\",\"status\":{status[..3]},\"detail\":\"{detail}\"}}", headers, "application/problem+json");

    /// <summary>Cuts the connection without a farewell: the client gets a reset.</summary>
    public void Reset() => socket.Close(0);

    /// <summary>Returns once the client has closed the connection.</summary>
    public async Task UntilClosedAsync()
    {
        var bytes = new byte[256];
        try
        {
            while (await stream.ReadAsync(bytes, Stopped) > 0)
            {
            }
        }
        catch (IOException)
        {
            // A reset is a way to close too.
        }
    }
}
