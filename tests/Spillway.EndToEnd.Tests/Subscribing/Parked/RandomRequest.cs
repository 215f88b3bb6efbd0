using System.Globalization;
using System.Text;
using Spillway.EndToEnd.Tests.Subscribing.WebSocket;
using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.Subscribing.Parked;

/// <summary>Bytes of a client that might be a subscriber's or a publisher's, from a seed: requests that are right, such with something turned, missing or too much, and noise.</summary>
internal static class RandomRequest
{
    private static readonly string[] Values =
    [
        "topic=a", "topic=a&last=1", "topic=b&earliest", "topic=a&cursor=x", "topic=a&signals=off", "topic=a&format=json", "pattern=**", "topic=", "", "topic=a&wait=0", "topic=%", "topic=a&since=1s", "topic=a&snapshot",
    ];

    /// <summary>Nobody subscribes to what is published here.</summary>
    private static readonly string[] Bodies =
    [
        """{"topics":["a"]}""", """{"topics":["a"],"last":1}""", "{\"topics\":", """{"topic":"z","payload":1}""", "[{\"topic\":\"z\",\"payload\":{\"x\":[1]}},{\"topic\":\"z\"}]", "{\"topic\":\"z\"}\n{\"topic\":\"z\"}\n", "",
    ];

    private static readonly string[] Headers =
    [
        "Accept: text/event-stream", "Accept: application/json", "Last-Event-ID: 1-1", "Connection: close", "Connection: keep-alive", "Expect: 100-continue", "Content-Length: 7", "Transfer-Encoding: chunked",
        "Upgrade: websocket", "Connection: Upgrade", "Upgrade: h2c", "Spillway-Client: x/1", "Host: example.com", "Origin: http://evil.example", "Content-Type: application/json", "X: \u00e4\u00ff", "TE: trailers",
    ];

    /// <param name="random">Decides everything.</param>
    /// <param name="host">Whom a right request names.</param>
    public static byte[] Next(Random random, string host)
    {
        if (random.Next(20) == 0)
        {
            var noise = new byte[random.Next(1, 2_000)];
            random.NextBytes(noise);
            return noise;
        }

        var bytes = new List<byte>(Encoding.Latin1.GetBytes(Head(random, host)));
        for (var more = random.Next(4) - 1; more > 0; more--)
        {
            bytes.AddRange(random.Next(2) == 0 ? RandomFrames.Next(random, 300) : Encoding.Latin1.GetBytes(Head(random, host)));
        }

        Spoil(random, bytes);
        return [.. bytes];
    }

    private static string Head(Random random, string host)
    {
        var query = Values[random.Next(random.Next(2) == 0 ? 3 : Values.Length)];
        if (random.Next(5) < 2)
        {
            return WireSocket.Head(new Uri($"http://{host}"), query, More(random));
        }

        var (method, path) = random.Next(11) switch
        {
            0 => ("POST", "/subscribe"),
            1 => ("QUERY", "/events"),
            2 => ("POST", "/events"),
            3 => ("POST", random.Next(4) == 0 ? "/topics/z/end" : "/topics/z"),
            4 => (random.Next(2) == 0 ? "HEAD" : "DELETE", "/events?" + query),
            5 => ("GET", "/nothing"),
            _ => ("GET", "/events?" + query),
        };
        var version = random.Next(6) switch { 0 => "1.0", 1 when random.Next(4) == 0 => "2.0", _ => "1.1" };
        if (method is not ("POST" or "QUERY"))
        {
            return string.Join("\r\n", [$"{method} {path} HTTP/{version}", $"Host: {host}", .. More(random), "", ""]);
        }

        var body = Bodies[random.Next(Bodies.Length)];
        var type = random.Next(4) == 0 ? "application/x-ndjson" : "application/json";
        var (framing, framed) = random.Next(2) == 0 ? ($"Content-Length: {body.Length}", body) : ("Transfer-Encoding: chunked", Chunked(random, body));
        return string.Join("\r\n", [$"{method} {path} HTTP/{version}", $"Host: {host}", $"Content-Type: {type}", framing, .. More(random), "", framed]);
    }

    private static string Chunked(Random random, string body)
    {
        var text = new StringBuilder();
        for (var at = 0; at < body.Length;)
        {
            var length = random.Next(1, body.Length - at + 1);
            text.Append(CultureInfo.InvariantCulture, $"{length:x}{(random.Next(5) == 0 ? ";x=y" : "")}\r\n{body.AsSpan(at, length)}\r\n");
            at += length;
        }

        return text.Append(random.Next(5) == 0 ? "0\r\nX: y\r\n\r\n" : "0\r\n\r\n").ToString();
    }

    private static string[] More(Random random) =>
        random.Next(3) == 0 ? [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Headers[random.Next(Headers.Length)])] : [];

    private static void Spoil(Random random, List<byte> bytes)
    {
        switch (random.Next(6))
        {
            case 0: // Bits turn.
                for (var i = random.Next(1, 4); i > 0; i--)
                {
                    bytes[random.Next(bytes.Count)] ^= (byte)(1 << random.Next(8));
                }

                break;
            case 1: // The rest never comes.
                var from = random.Next(bytes.Count);
                bytes.RemoveRange(from, bytes.Count - from);
                break;
            case 2: // Something in it is missing.
                var at = random.Next(bytes.Count);
                bytes.RemoveRange(at, Math.Min(random.Next(1, 8), bytes.Count - at));
                break;
            case 3 when random.Next(2) == 0: // Something is too much.
                var more = new byte[random.Next(1, 20)];
                random.NextBytes(more);
                bytes.InsertRange(random.Next(bytes.Count + 1), more);
                break;
        }
    }
}
