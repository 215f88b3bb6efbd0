using System.Globalization;
using System.Text;
using Spillway.Mercure.Urls;

namespace Spillway.Mercure;

/// <summary>Which topics are the hub's own (P2): those whose path, resolved against its address, is that address's or below it, whatever their scheme and authority.</summary>
/// <param name="hub">The address of the hub, whose path does not end in a slash.</param>
internal sealed class ReservedTopics(Url hub)
{
    private readonly string _path = Plain(hub.Path);
    private readonly string _last = hub.Path[(hub.Path.LastIndexOf('/') + 1)..];

    public bool Has(string topic)
    {
        if (IsPlainUrl(topic) && !topic.Contains(_last, StringComparison.Ordinal))
        {
            return false; // Most topics: nothing brings in what does not stand there, and no URL need be parsed.
        }

        if (!UrlParser.TryParse(topic, hub, out var url) || url.HasOpaquePath)
        {
            return false;
        }

        var path = Plain(url.Path);
        return path == _path || (path.StartsWith(_path, StringComparison.Ordinal) && path[_path.Length] == '/');
    }

    /// <summary>Whether the path of a URL is in its text, to the letter: it is relative to nothing, and nothing in it is escaped or passed over.</summary>
    private static bool IsPlainUrl(string topic) => (topic.StartsWith("https://", StringComparison.Ordinal) || topic.StartsWith("http://", StringComparison.Ordinal))
        && !topic.AsSpan().ContainsAnyExceptInRange('!', '~') && !topic.Contains('%', StringComparison.Ordinal);

    /// <summary>A path in which nothing is escaped that need not be (RFC 3986, section 6.2.2.2): else an escape would be a way around.</summary>
    private static string Plain(string path)
    {
        if (!path.Contains('%', StringComparison.Ordinal))
        {
            return path;
        }

        var plain = new StringBuilder(path.Length);
        for (var i = 0; i < path.Length; i++)
        {
            if (path[i] == '%' && i + 2 < path.Length && byte.TryParse(path.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, null, out var code)
                && (char.IsAsciiLetterOrDigit((char)code) || code is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~'))
            {
                plain.Append((char)code);
                i += 2;
            }
            else
            {
                plain.Append(path[i]);
            }
        }

        return plain.ToString();
    }
}
