using System.Globalization;
using System.Text;

namespace Spillway.Tests.Client;

/// <summary>A request as it came over the wire.</summary>
internal sealed class FakeRequest
{
    private readonly Stream _stream;

    private FakeRequest(Stream stream, string method, string target, Dictionary<string, string> headers)
    {
        _stream = stream;
        Method = method;
        Target = target;
        Headers = headers;
    }

    public string Method { get; }

    public string Target { get; }

    /// <summary>By name, whatever its case; the values of a repeated header are joined by a comma.</summary>
    public Dictionary<string, string> Headers { get; }

    /// <summary>The body, once an act has read it.</summary>
    public string Body { get; private set; } = "";

    public static async Task<FakeRequest> ReadHeadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var first = (await ReadLineAsync(stream, cancellationToken)).Split(' ');
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await ReadLineAsync(stream, cancellationToken) is { Length: > 0 } line)
        {
            var colon = line.IndexOf(':');
            var (name, value) = (line[..colon], line[(colon + 1)..].Trim());
            headers[name] = headers.TryGetValue(name, out var before) ? $"{before}, {value}" : value;
        }

        return new FakeRequest(stream, first[0], first[1], headers);
    }

    /// <summary>Reads a body that states its length.</summary>
    public async Task<string> ReadBodyAsync(CancellationToken cancellationToken)
    {
        var bytes = new byte[int.Parse(Headers["Content-Length"], CultureInfo.InvariantCulture)];
        await _stream.ReadExactlyAsync(bytes, cancellationToken);
        return Body = Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Reads the next chunk of a body; empty at its end.</summary>
    public async Task<string> ReadChunkAsync(CancellationToken cancellationToken)
    {
        var bytes = new byte[int.Parse(await ReadLineAsync(_stream, cancellationToken), NumberStyles.HexNumber, CultureInfo.InvariantCulture)];
        await _stream.ReadExactlyAsync(bytes, cancellationToken);
        await ReadLineAsync(_stream, cancellationToken);
        var text = Encoding.UTF8.GetString(bytes);
        Body += text;
        return text;
    }

    private static async Task<string> ReadLineAsync(Stream stream, CancellationToken cancellationToken)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (true)
        {
            await stream.ReadExactlyAsync(one, cancellationToken);
            if (one[0] == '\n')
            {
                return line.ToString().TrimEnd('\r');
            }

            line.Append((char)one[0]);
        }
    }
}
