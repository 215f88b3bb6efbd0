using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Spillway.EndToEnd.Tests.Publishing;

/// <summary>A request byte by byte, for what no well-behaved client sends.</summary>
internal sealed class RawRequest : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // Real time: only a test that fails waits so long.

    private readonly TcpClient _client;
    private readonly NetworkStream _stream;

    private RawRequest(TcpClient client)
    {
        _client = client;
        _stream = client.GetStream();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<RawRequest> ConnectAsync(Uri address)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(address.Host, address.Port, Token);
        return new RawRequest(client);
    }

    /// <summary>Sends a head of Latin-1 text; the empty line behind it is added.</summary>
    public Task SendHeadAsync(params string[] lines) =>
        SendAsync(Encoding.Latin1.GetBytes(string.Join("\r\n", [.. lines, "Host: localhost", "Connection: close", "", ""])));

    public Task SendAsync(byte[] bytes) => _stream.WriteAsync(bytes, Token).AsTask();

    public Task SendChunkAsync(ReadOnlySpan<byte> bytes)
    {
        byte[] head = Encoding.ASCII.GetBytes(bytes.Length.ToString("x", CultureInfo.InvariantCulture) + "\r\n");
        return SendAsync([.. head, .. bytes, (byte)'\r', (byte)'\n']);
    }

    /// <summary>Says that no more will come.</summary>
    public void Cut() => _client.Client.Shutdown(SocketShutdown.Send);

    /// <summary>Reads the answer; status 0 if the connection ends without one.</summary>
    public async Task<PublishResponse> ReadAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(Patience);
        var answer = new List<byte>();
        var buffer = new byte[4_096];
        try
        {
            while (!TryParse([.. answer], out _) && await _stream.ReadAsync(buffer, patience.Token) is > 0 and var read)
            {
                answer.AddRange(buffer[..read]);
            }
        }
        catch (IOException)
        {
            // A server that refuses a body may reset the connection behind its answer.
        }

        return TryParse([.. answer], out var response) ? response : new PublishResponse(0, null, null, PublishResponse.Parse([]));
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _stream.DisposeAsync();
    }

    private static bool TryParse(byte[] answer, [NotNullWhen(true)] out PublishResponse? response)
    {
        response = null;
        var end = answer.AsSpan().IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return false;
        }

        var head = Encoding.Latin1.GetString(answer, 0, end);
        var length = head.Split("\r\n").FirstOrDefault(static line => line.StartsWith("Content-Length: ", StringComparison.Ordinal));
        var body = answer[(end + 4)..];
        if (body.Length < int.Parse(length?[16..] ?? "0", CultureInfo.InvariantCulture))
        {
            return false;
        }

        response = new PublishResponse(int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture), null, null, PublishResponse.Parse(body));
        return true;
    }
}
